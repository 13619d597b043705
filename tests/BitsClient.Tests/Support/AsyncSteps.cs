namespace BitsClient.Tests.Support;

/// <summary>
/// The steps that an upload takes outside of the library: requests, reads, writes, calls of the store. One of them completes
/// asynchronously, once the thread waits; all others complete synchronously, so that the thread gets there itself. Where the library has
/// moved to another thread, that one gets the context of the first, as if the library never left it.
/// </summary>
internal sealed class AsyncSteps(BlockedThread thread, int asynchronous)
{
    private int _count;

    public int Count => _count;

    public Task PassAsync()
    {
        SynchronizationContext.SetSynchronizationContext(thread);
        return Interlocked.Increment(ref _count) == asynchronous ? thread.WhenBlockedAsync() : Task.CompletedTask;
    }
}
