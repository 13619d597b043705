namespace BitsClient.Testing;

/// <summary>
/// A place where the server holds one packet until it is released, so that a test can act at exactly that moment without
/// sleeping. A request whose client goes away leaves the gate on its own and is not answered; over a socket only once its body was
/// read, for a server does not look at the connection before. Thread-safe.
/// </summary>
public sealed class BitsGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal BitsGate()
    {
    }

    /// <summary>
    /// Completes when the packet stands at the gate. A packet that never comes leaves it incomplete for ever: await it with a limit, as in
    /// <c>await gate.Reached.WaitAsync(TimeSpan.FromSeconds(10))</c>.
    /// </summary>
    /// <remarks>
    /// It isn't told that an upload has ended. <c>await Task.WhenAny(gate.Reached, running)</c> shows which of the two came first.
    /// </remarks>
    public Task Reached => _reached.Task;

    /// <summary>Lets the packet go on; it may be called before the packet arrives, and more than once.</summary>
    public void Release() => _released.TrySetResult();

    internal Task PassAsync(CancellationToken aborted)
    {
        _reached.TrySetResult();
        return _released.Task.WaitAsync(aborted);
    }
}
