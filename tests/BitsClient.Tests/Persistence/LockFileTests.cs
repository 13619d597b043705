using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>The files of a lock: their names, who can read them, and that they are not deleted once they may be another owner's.</summary>
public sealed class LockFileTests
{
    [Test]
    public async Task They_are_named_after_the_upload()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(Path.Combine(place.Folder, "uploads"));
        Guid id = Guid.NewGuid();
        await using IAsyncDisposable held = await store.LockAsync(id);
        Assert.That(Directory.GetFiles(store.Folder).Select(Path.GetFileName), Is.EquivalentTo(new[] { $"{id}.lock", $"{id}.owner" }));
    }

    [Test]
    public async Task The_lock_can_be_taken_while_another_process_reads_who_held_it_before()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        Guid id = Guid.NewGuid();
        string owner = Path.Combine(place.Folder, $"{id}.owner");
        await File.WriteAllTextAsync(owner, "process 4711 on elsewhere");
        await using FileStream reader = PrivateFile.OpenRead(owner);
        await using IAsyncDisposable held = await store.LockAsync(id);
        Assert.That(await File.ReadAllTextAsync(owner), Does.StartWith("process ").And.EndsWith(Environment.MachineName));
    }

    [Test]
    public async Task The_owner_is_named_while_another_process_reads_it_too()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        Guid id = Guid.NewGuid();
        await using IAsyncDisposable held = await store.LockAsync(id);
        await using FileStream reader = PrivateFile.OpenRead(Path.Combine(place.Folder, $"{id}.owner"));
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => store.LockAsync(id).AsTask())!;
        Assert.That(e.Owner, Does.StartWith("process ").And.EndsWith(Environment.MachineName));
    }

    [Test]
    public async Task The_next_owner_keeps_its_file([Values] bool checkpointIsKept)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows cannot delete an open file");
        using TemporaryFile place = new([]);
        if (!checkpointIsKept)
        {
            File.Delete(place.Path);
        }

        // The next owner takes the lock as soon as it is free.
        string path = Path.Combine(place.Folder, "lock");
        WatchedFile file = new(path, () => File.WriteAllText(path, "next"));
        await using (new FileLock(file, Path.Combine(place.Folder, "owner"), place.Path))
        {
            Assert.That(File.Exists(path));
        }

        Assert.That(File.Exists(path), Is.True);
    }

    private sealed class WatchedFile(string path, Action released)
        : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
    {
        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            released();
        }
    }
}
