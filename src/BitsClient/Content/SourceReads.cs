using System.Threading.Tasks.Sources;

namespace BitsClient.Content;

/// <summary>
/// Waits for the reads of a source, one after another, as <see cref="ForeignCode"/> does: once the token fires, the read is abandoned. It
/// allocates nothing for each read, because a fragment consists of many.
/// </summary>
/// <remarks>
/// The read may end on any thread, and the token may fire on any other at the same time: whoever changes the state from
/// <see cref="Waiting"/> decides how the wait ends.
/// </remarks>
internal sealed class SourceReads : IValueTaskSource<int>, IDisposable
{
    // The values of _state.
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Stopped = 2;

    private readonly CancellationToken _token;
    private readonly Action _onEnded;
    private readonly CancellationTokenRegistration _onStop;
    private ManualResetValueTaskSourceCore<int> _wait;
    private ValueTask<int> _reading;
    private int _state = Idle;

    /// <param name="cancellationToken">Ends the read that is waited for, and all that follow.</param>
    public SourceReads(CancellationToken cancellationToken)
    {
        _token = cancellationToken;
        _onEnded = Ended;
        _onStop = cancellationToken.UnsafeRegister(static reads => ((SourceReads)reads!).Stop(), this);
    }

    /// <summary>Waits for a read that has begun. The one before must have ended.</summary>
    public ValueTask<int> AwaitAsync(ValueTask<int> begun)
    {
        if (begun.IsCompleted)
        {
            return begun;
        }

        _wait.Reset();
        _reading = begun;
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) is Stopped)
        {
            _ = ForeignCode.ObserveAsync(begun.AsTask());
            return new ValueTask<int>(Task.FromCanceled<int>(_token));
        }

        _reading.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_onEnded);
        return new ValueTask<int>(this, _wait.Version);
    }

    int IValueTaskSource<int>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    public void Dispose() => _onStop.Dispose();

    private void Ended()
    {
        bool isAwaited = Interlocked.CompareExchange(ref _state, Idle, Waiting) is Waiting;
        int read;
        try
        {
#pragma warning disable VSTHRD002 // It has ended.
            read = _reading.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        catch (Exception e)
        {
            // The failure of an abandoned read is observed, and reported nowhere.
            if (isAwaited)
            {
                _wait.SetException(e);
            }

            return;
        }

        if (isAwaited)
        {
            _wait.SetResult(read);
        }
    }

    private void Stop()
    {
        if (Interlocked.Exchange(ref _state, Stopped) is Waiting)
        {
            // What waits must not continue on the thread that cancels.
            _wait.RunContinuationsAsynchronously = true;
            _wait.SetException(new OperationCanceledException(_token));
        }
    }
}
