using System.Diagnostics;
using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A lock that is released takes nothing away from whoever holds it next.</summary>
public sealed class LockReleaseTests
{
    private static readonly TimeSpan HammerTime = TimeSpan.FromSeconds(1);

    [Test]
    public async Task Releasing_a_lock_again_leaves_it_to_whoever_holds_it_now([Values] bool stateIsKept)
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        BitsUploadCheckpoint state = States.Other();
        if (stateIsKept)
        {
            await store.SaveAsync(state);
        }

        IAsyncDisposable first = await store.LockAsync(state.Id);
        await first.DisposeAsync();
        await using IAsyncDisposable second = await store.LockAsync(state.Id);
        await first.DisposeAsync();
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(
            async () =>
            {
                await using IAsyncDisposable third = await store.LockAsync(state.Id);
            },
            "the second one holds it")!;
        Assert.That(e.Owner, Is.Not.Null, "the file that names the owner is the second one's by now");
    }

    [Test]
    public async Task The_file_is_deleted_and_marked_before_the_lock_is_released([Values] bool stateIsKept)
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows deletes no file that is open");
        using TemporaryFile place = new([]);
        if (!stateIsKept)
        {
            File.Delete(place.Path);
        }

        (bool Exists, long Length)? atRelease = null;
        string path = Path.Combine(place.Folder, "lock");
        WatchedFile file = new(path, stream => atRelease = (File.Exists(path), stream.Length));
        await using (new FileLock(file, Path.Combine(place.Folder, "owner"), statePath: place.Path))
        {
            Assert.That(File.Exists(path));
        }

        // By its length, whoever opened it before and locks it later can tell that it is no lock any more.
        Assert.That(atRelease, Is.EqualTo(stateIsKept ? (true, 0) : (false, 1)));
    }

    [Test]
    public async Task A_lock_file_that_somebody_wrote_to_is_a_lock_all_the_same()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        Guid id = Guid.NewGuid();
        await File.WriteAllTextAsync(Path.Combine(place.Folder, $"{id}.lock"), "This is mine.");
        await using IAsyncDisposable held = await store.LockAsync(id);
        Assert.That(() => store.LockAsync(id).AsTask(), Throws.TypeOf<BitsUploadLockedException>());
    }

    [Test]
    public async Task Of_many_that_take_and_release_it_again_and_again_one_at_a_time_holds_it()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        Guid id = Guid.NewGuid();
        (int holders, int taken, int shared) = (0, 0, 0);
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(HammerAsync)));
        Assert.That(taken, Is.GreaterThan(0));
        Assert.That(shared, Is.Zero, $"of {taken} that held the lock, so many were not alone");

        async Task HammerAsync()
        {
            while (watch.Elapsed < HammerTime && shared == 0)
            {
                try
                {
                    await using IAsyncDisposable held = await store.LockAsync(id);
                    Interlocked.Increment(ref taken);
                    if (Interlocked.Increment(ref holders) > 1)
                    {
                        Interlocked.Increment(ref shared);
                    }

                    Thread.Yield();
                    Interlocked.Decrement(ref holders);
                }
                catch (BitsUploadLockedException)
                {
                    // Another one holds it.
                }
            }
        }
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
