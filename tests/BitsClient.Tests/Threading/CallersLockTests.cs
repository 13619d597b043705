using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>
/// H1: the library calls foreign code without a lock of its own, and never continues an upload on a thread that cancels it. So a caller may
/// cancel, suspend or dispose under a lock that its progress handler, hook, store and logger take as well.
/// </summary>
public sealed class CallersLockTests
{
#if NET
    private const int Rounds = 2_500;
#else
    // A round takes longer under Mono.
    private const int Rounds = 50;
#endif

    [Test, TimeLimit(120)]
    public async Task Nothing_deadlocks_under_a_lock_of_the_callers([Values("token", "cancel", "suspend", "dispose")] string what)
    {
        Random random = new(1);
        for (int round = 0; round < Rounds; round++)
        {
            await PlayAsync(what, random.Next(1, 12)).WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    private static async Task PlayAsync(string what, int report)
    {
        object callers = new();
        using UploadRig rig = new(options: Options(callers));
        rig.Logs.OnLog = _ => Take(callers);
        using CancellationTokenSource cancel = new();
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ProgressHandler handler = new(_ =>
        {
            if (--report == 0)
            {
                reached.SetResult();
            }

            Take(callers);
        });
        BitsUploadClient client = rig.Client;
        IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync(handler, cancel.Token);
        await Task.WhenAny(reached.Task, running);
        Task ending = UnderLock(callers, () => What(what, job, cancel));
        await ending;
        await job.ResumeAsync();
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await job.DisposeAsync();
    }

    private static Task What(string what, IBitsUploadJob job, CancellationTokenSource cancel)
    {
        switch (what)
        {
            case "token":
                cancel.Cancel();
                return Task.CompletedTask;
            case "cancel":
                return job.CancelAsync();
            case "suspend":
                return job.SuspendAsync();
            default:
                return job.DisposeAsync().AsTask();
        }
    }

    private static Task UnderLock(object callers, Func<Task> act)
    {
        lock (callers)
        {
            return act();
        }
    }

    private static void Take(object callers)
    {
        lock (callers)
        {
            // Whoever cancels holds it.
        }
    }

    private static BitsUploadOptions Options(object callers) => new()
    {
        FixedFragmentSize = 1000,
        ProgressInterval = TimeSpan.Zero,
        CheckpointStore = new RecordingStore
        {
            OnCall = _ =>
            {
                Take(callers);
                return Task.CompletedTask;
            },
        },
        PrepareRequest = (_, _) =>
        {
            Take(callers);
            return ValueTask.CompletedTask;
        },
    };
}
