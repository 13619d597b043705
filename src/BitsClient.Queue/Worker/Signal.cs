namespace BitsClient.Queue.Worker;

/// <summary>Wakes one waiter before its time. Setting it is thread-safe; only one caller may wait.</summary>
internal sealed class Signal(TimeProvider time)
{
    private volatile TaskCompletionSource _set = Create();

    public void Set() => _set.TrySetResult();

    /// <summary>Waits until it is set, was set since the last wait, or the time has passed.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await _set.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (_set.Task.IsCompleted)
        {
            _set = Create();
        }
    }

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
