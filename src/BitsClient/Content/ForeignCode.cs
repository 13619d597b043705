namespace BitsClient.Content;

/// <summary>
/// Waits for code that is not the library's own: it may ignore its token, or block its thread. Once the token fires, it is abandoned;
/// if it fails later, the exception is observed, and reported nowhere.
/// </summary>
internal static class ForeignCode
{
    /// <summary>Runs the code on another thread, because it may block, and waits for it.</summary>
    public static Task RunAsync(Func<Task> code, CancellationToken cancellationToken) =>
        AwaitAsync(Task.Run(code, CancellationToken.None), cancellationToken);

    /// <inheritdoc cref="RunAsync(Func{Task}, CancellationToken)" />
    public static Task<T> RunAsync<T>(Func<Task<T>> code, CancellationToken cancellationToken) =>
        AwaitAsync(Task.Run(code, CancellationToken.None), cancellationToken);

    /// <summary>Waits for what has begun. Allocates nothing if it has already ended.</summary>
    public static ValueTask<T> AwaitAsync<T>(ValueTask<T> begun, CancellationToken cancellationToken) =>
        begun.IsCompleted ? begun : new ValueTask<T>(AwaitAsync(begun.AsTask(), cancellationToken));

    /// <summary>Waits for what has begun.</summary>
    public static async Task<T> AwaitAsync<T>(Task<T> begun, CancellationToken cancellationToken)
    {
        await AwaitAsync((Task)begun, cancellationToken).ConfigureAwait(false);
        return await begun.ConfigureAwait(false);
    }

    /// <inheritdoc cref="AwaitAsync{T}(Task{T}, CancellationToken)" />
    public static async Task AwaitAsync(Task begun, CancellationToken cancellationToken)
    {
        try
        {
            await begun.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = ObserveAsync(begun);
            throw;
        }
    }

    /// <summary>Observes the exception of what was abandoned.</summary>
    public static async Task ObserveAsync(Task abandoned) => await abandoned.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
