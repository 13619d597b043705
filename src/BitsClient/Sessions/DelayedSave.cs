using BitsClient.Machine;

namespace BitsClient.Sessions;

/// <summary>
/// The state that is to be saved as soon as it is time to; a later one replaces it. It has no lock of its own;
/// <see cref="CheckpointKeeper"/> calls it under its lock.
/// </summary>
internal sealed class DelayedSave(TimeProvider time) : IDisposable
{
    private UploadState? _state;
    private ITimer? _timer;
    private bool _isDisposed;

    /// <param name="state">What is to be saved.</param>
    /// <param name="wait">When it is time to.</param>
    /// <param name="due">Called then, on another thread.</param>
    public void Set(UploadState state, TimeSpan wait, Action due)
    {
        bool isSet = _state is not null;
        _state = state;
        if (!isSet && !_isDisposed)
        {
            _timer = time.CreateTimer(static call => ((Action)call!)(), due, wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The state, which is then no longer to be saved; null for none.</summary>
    public UploadState? Take()
    {
        UploadState? state = _state;
        _state = null;
        _timer?.Dispose();
        return state;
    }

    public void Dispose()
    {
        _isDisposed = true;
        Take();
    }
}
