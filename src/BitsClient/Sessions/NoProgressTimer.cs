using BitsClient.Errors;
using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>
/// Limits how long an upload keeps failing: the time begins with the first failure, and progress ends it, as in the Windows service. Only
/// the loop of a run uses it.
/// </summary>
internal sealed class NoProgressTimer(TimeSpan limit, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _elapsed = new(Timeout.InfiniteTimeSpan, time);
    private BitsUploadException? _lastFailure;

    /// <summary>Fires when the time has elapsed.</summary>
    public CancellationToken Token => _elapsed.Token;

    public bool HasElapsed => _elapsed.IsCancellationRequested;

    /// <summary>Something failed.</summary>
    public void Failed(BitsUploadException failure)
    {
        if (_lastFailure is null)
        {
            _elapsed.CancelAfter(limit);
        }

        _lastFailure = failure;
    }

    /// <summary>There was progress. It is too late if the time has elapsed.</summary>
    public void Progressed()
    {
        if (!HasElapsed)
        {
            _lastFailure = null;
            _elapsed.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The failure that the caller gets once the time has elapsed.</summary>
    public BitsUploadStalledException Stalled(UploadState state) => Failure.OfStall(
        state.Target, state.Session?.Id,
        $"The upload made no progress beyond byte {state.Acknowledged} of {state.Total} for {MessageText.Of(limit)}.", _lastFailure);

    public void Dispose() => _elapsed.Dispose();
}
