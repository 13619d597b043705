namespace BitsClient.Testing;

/// <summary>
/// A point at which the server holds one packet until it is released, so that a test can act at exactly that moment without
/// sleeping. If the client aborts the request, the request leaves the gate without an answer. Over a socket, the server notices
/// this only after it has read the body, because it does not check the connection before. Thread-safe.
/// </summary>
public sealed class BitsGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly string _place;

    internal BitsGate(string place) => _place = place;

    /// <summary>
    /// Completes when the packet arrives at the gate. If the packet never arrives, this task never completes; use
    /// <see cref="ReachedByAsync"/> to fail instead.
    /// </summary>
    public Task Reached => _reached.Task;

    /// <summary>Waits until the packet arrives at the gate, and fails if the run that should send it ends first.</summary>
    /// <param name="run">The task that sends the packet, such as the one returned by <c>RunAsync</c> of an upload job.</param>
    /// <returns>A task that completes when the packet arrives at the gate.</returns>
    /// <exception cref="BitsTestServerException">
    /// The run ended first. The message names the gate and how the run ended; if the run failed, its exception is the inner exception.
    /// </exception>
    public async Task ReachedByAsync(Task run)
    {
        ArgumentNullException.ThrowIfNull(run);
        await Task.WhenAny(_reached.Task, run).ConfigureAwait(false);
        if (_reached.Task.IsCompleted)
        {
            return;
        }

        string missed = $"The gate at {_place} was not reached, because the run had ended";
        try
        {
            await run.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw new BitsTestServerException($"{missed} with {e.GetType().Name}: {e.Message}", e);
        }

        throw new BitsTestServerException($"{missed} successfully.");
    }

    /// <summary>Releases the packet. Can be called before the packet arrives, and more than once.</summary>
    public void Release() => _released.TrySetResult();

    internal Task PassAsync(CancellationToken aborted)
    {
        _reached.TrySetResult();
        return _released.Task.WaitAsync(aborted);
    }
}
