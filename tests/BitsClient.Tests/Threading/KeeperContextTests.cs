using BitsClient.Machine;
using BitsClient.Sessions;
using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient.Tests.Threading;

/// <summary>
/// What keeps a checkpoint never continues on the context of the thread that calls it, whichever call of the store is asynchronous.
/// </summary>
public sealed class KeeperContextTests
{
    private static readonly BitsUploadCheckpoint Stored = States.Least with { Id = Guid.NewGuid(), SessionId = "id" };

    private static readonly UploadState Open = new()
    {
        Url = UploadRig.Url,
        Options = MachineOptions.From(new BitsUploadOptions()),
        Total = 10_000,
        Session = new OpenSession { Id = "id" },
        Sizing = new FragmentSizing { Size = 1000 },
    };

    [Test]
    public void A_call_of_the_keeper_continues_elsewhere()
    {
        foreach (Func<CheckpointKeeper, Task> call in Calls())
        {
            int asynchronous = 0;
            AsyncSteps steps;
            do
            {
                asynchronous++;
                BlockedThread thread = new();
                steps = new AsyncSteps(thread, asynchronous);
                SteppedStore store = new(steps);
                thread.Run(() =>
                {
                    CheckpointKeeper keeper = new(store, Stored.Id, hash: null, new ManualTimeProvider(), NullLogger.Instance);
                    thread.Wait(keeper.LockAsync());
                    thread.Wait(call(keeper));
                    thread.Wait(keeper.DisposeAsync().AsTask());
                });
                Assert.That(thread.Posts, Is.Empty);
            }
            while (steps.Count >= asynchronous);
        }
    }

    private static IEnumerable<Func<CheckpointKeeper, Task>> Calls()
    {
        yield return keeper => keeper.TryLockAsync();
        yield return keeper => keeper.LoadSameAsync(Stored);
        yield return keeper => keeper.LoadLatestAsync(Open, mustBeStored: false);
        yield return keeper => keeper.SaveAckedAsync(Open).AsTask();
        yield return keeper => keeper.CoverAsync(Open with { Session = Open.Session! with { SendingTo = 1000 } }).AsTask();
        yield return keeper => keeper.SaveAsync(Open);
        yield return keeper => keeper.SaveCompleteAsync(Open);
        yield return keeper => keeper.SaveOrDeleteAsync(Open);
        yield return keeper => keeper.SaveOrDeleteAsync(Open with { Closed = true });
    }
}
