using BitsClient.Content;
using BitsClient.Errors;

namespace BitsClient.Sessions;

/// <summary>Calls a checkpoint store whose answer is needed to continue, and waits for it for a limited time.</summary>
internal static class StoreCall
{
    /// <summary>How long a store may take for what must be done before an upload begins, or instead of it.</summary>
    public static readonly TimeSpan MaxWaitBeforeUploading = TimeSpan.FromSeconds(30);

    /// <summary>Makes the call on another thread, because it may block.</summary>
    /// <param name="call">The call.</param>
    /// <param name="what">What the store does, for the error, such as "list its uploads".</param>
    /// <param name="limit">How long to wait for it.</param>
    /// <param name="time">The clock for the limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The store cannot be used, or does not respond.</exception>
    public static async Task<T> RunAsync<T>(
        Func<Task<T>> call, string what, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken = default)
    {
        Task<T> calling = ForeignCode.RunAsync(call, cancellationToken);
        try
        {
            return await calling.WaitAsync(limit, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException e) when (!calling.IsFaulted)
        {
            _ = ForeignCode.ObserveAsync(calling);
            throw new IOException($"The checkpoint store did not {what} within {MessageText.Of(limit)}.", e);
        }
    }

    /// <inheritdoc cref="RunAsync{T}" />
    public static Task RunAsync(Func<Task> call, string what, TimeProvider time) => RunAsync(
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        what, MaxWaitBeforeUploading, time);
}
