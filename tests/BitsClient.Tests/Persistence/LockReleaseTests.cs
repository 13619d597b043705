using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>Releasing a lock does not affect its next owner.</summary>
public sealed class LockReleaseTests
{
    [Test]
    public async Task Releasing_a_lock_twice_does_not_affect_its_next_owner([Values] bool checkpointIsKept)
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        BitsUploadCheckpoint checkpoint = States.Other();
        if (checkpointIsKept)
        {
            await store.SaveAsync(checkpoint);
        }

        IAsyncDisposable first = await store.LockAsync(checkpoint.Id);
        await first.DisposeAsync();
        await using IAsyncDisposable second = await store.LockAsync(checkpoint.Id);
        await first.DisposeAsync();
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(
            async () =>
            {
                await using IAsyncDisposable third = await store.LockAsync(checkpoint.Id);
            },
            "the second one holds it")!;
        Assert.That(e.Owner, Is.Not.Null, "the owner file belongs to the second lock now");
    }

    [Test]
    public async Task The_file_is_deleted_and_marked_before_the_lock_is_released([Values] bool checkpointIsKept)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows cannot delete an open file");
        using TemporaryFile place = new([]);
        if (!checkpointIsKept)
        {
            File.Delete(place.Path);
        }

        (bool Exists, long Length)? atRelease = null;
        string path = Path.Combine(place.Folder, "lock");
        WatchedFile file = new(path, stream => atRelease = (File.Exists(path), stream.Length));
        await using (new FileLock(file, Path.Combine(place.Folder, "owner"), place.Path))
        {
            Assert.That(File.Exists(path));
        }

        // The length tells a process that opened the file earlier and locks it later that it is no longer the lock.
        Assert.That(atRelease, Is.EqualTo(checkpointIsKept ? (true, 0) : (false, 1)));
    }

    [Test]
    public async Task A_lock_file_with_foreign_content_is_still_a_lock()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        Guid id = Guid.NewGuid();
        await File.WriteAllTextAsync(Path.Combine(place.Folder, $"{id}.lock"), "This is mine.");
        await using IAsyncDisposable held = await store.LockAsync(id);
        Assert.That(() => store.LockAsync(id).AsTask(), Throws.TypeOf<BitsUploadLockedException>());
    }

    private sealed class WatchedFile(string path, Action<FileStream> releasing)
        : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
    {
        public override ValueTask DisposeAsync()
        {
            releasing(this);
            return base.DisposeAsync();
        }
    }
}
