using System.Diagnostics;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A lock that is released and taken all the time has one owner at a time.</summary>
public sealed class LockHammerTests
{
    private static readonly TimeSpan HammerTime = TimeSpan.FromSeconds(1);

    [Test]
    public async Task Callers_that_take_and_release_the_lock_repeatedly_hold_it_one_at_a_time()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        Guid id = Guid.NewGuid();
        (int holders, int taken, int shared) = (0, 0, 0);
        Stopwatch watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(HammerAsync)));
        Assert.That(taken, Is.GreaterThan(0));
        Assert.That(shared, Is.Zero, $"the number of {taken} owners of the lock that were not alone");

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
                    // Another task holds it.
                }
            }
        }
    }
}
