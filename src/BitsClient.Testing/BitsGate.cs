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

    private readonly string _place;

    internal BitsGate(string place) => _place = place;

    /// <summary>
    /// Completes when the packet stands at the gate. A packet that never comes leaves it incomplete for ever; <see cref="ReachedByAsync"/> ends in that
    /// case as well.
    /// </summary>
    public Task Reached => _reached.Task;

    /// <summary>Waits until the packet stands at the gate, or fails as soon as the run that should send it has ended without doing so.</summary>
    /// <param name="run">The task of whatever sends the packet, such as the one that <c>RunAsync</c> of a job returns.</param>
    /// <returns>A task that completes when the packet stands at the gate.</returns>
    /// <exception cref="BitsTestServerException">
    /// The run ended first. The message says which gate was missed and how the run ended; its failure is the inner exception.
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

    /// <summary>Lets the packet go on; it may be called before the packet arrives, and more than once.</summary>
    public void Release() => _released.TrySetResult();

    internal Task PassAsync(CancellationToken aborted)
    {
        _reached.TrySetResult();
        return _released.Task.WaitAsync(aborted);
    }
}
