using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A thread with its own synchronization context can block until a lock is released.</summary>
public sealed class LockReleaseThreadTests
{
    [Test]
    public void A_release_does_not_continue_on_the_thread_that_waits_for_it()
    {
        using TemporaryFile place = new([]);
        BlockedThread thread = new();
        SlowFile file = new(Path.Combine(place.Folder, "lock"), thread);
        FileLock held = new(file, Path.Combine(place.Folder, "owner"), place.Path);
        thread.Run(() => thread.Wait(held.DisposeAsync().AsTask()));
        Assert.That(thread.Posts, Is.Empty);
    }

    private sealed class SlowFile(string path, BlockedThread thread)
        : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
    {
        public override async ValueTask DisposeAsync()
        {
            await thread.WhenBlockedAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }
}
