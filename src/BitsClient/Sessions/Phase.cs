namespace BitsClient.Sessions;

/// <summary>
/// Something that begins and ends again, and whose end can be awaited; it allocates nothing unless somebody waits. It has no lock of its
/// own: its owner calls it under a lock.
/// </summary>
internal struct Phase
{
    private TaskCompletionSource? _ended;

    /// <summary>It has begun, and has not ended since.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Completes when it has ended, on another thread than the one that ends it.</summary>
    public Task Ended => IsOn
        ? (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
        : Task.CompletedTask;

    public void Begin() => IsOn = true;

    public void End()
    {
        IsOn = false;
        _ended?.SetResult();
        _ended = null;
    }
}
