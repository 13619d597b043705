namespace BitsClient.Tests.Support;

/// <summary>
/// The steps that an upload takes outside of the library: requests, reads, writes, calls of the store. One of them completes
/// asynchronously, once the thread waits; all others complete synchronously, so that the thread gets there itself.
/// </summary>
internal sealed class AsyncSteps(BlockedThread thread, int asynchronous)
{
    private int _count;

    public int Count => _count;

    public Task PassAsync() => Interlocked.Increment(ref _count) == asynchronous ? thread.WhenBlockedAsync() : Task.CompletedTask;
}
