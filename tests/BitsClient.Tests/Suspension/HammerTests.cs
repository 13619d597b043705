using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Suspension;

/// <summary>Suspend, resume and cancel from several threads at once, at random.</summary>
[Platform(Exclude = "Mono", Reason = "It takes minutes there.")]
public sealed class HammerTests
{
    // In parts, so that they run in parallel and none takes long.
    private const int Parts = 5;
    private const int Rounds = 1_000;
    private const int RoundsPerServer = 50;
    private const int Threads = 4;
    private const int Actions = 6;

    private static readonly BitsUploadOptions Options = new()
    {
        MinFragmentSize = 10,
        InitialFragmentSize = 1000,
        MaxFragmentSize = 1000,
        CancelTimeout = TimeSpan.FromHours(1),
        ResponseTimeout = TimeSpan.FromHours(1),
        StallTimeout = TimeSpan.FromHours(1),
    };

    [Test]
    public async Task Every_upload_ends_exactly_once_with_one_request_at_a_time(
        [Values] BitsServerDialect dialect, [Range(1, Parts)] int part)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Part {part}, seed {seed}");
        int[] ends = new int[2];
        for (int round = 0; round < Rounds; round += RoundsPerServer)
        {
            using UploadRig rig = new(dialect, Options);
            for (int i = 0; i < RoundsPerServer; i++)
            {
                bool wasCanceled = await Hammer(rig, new Uri($"http://bits.test/upload/{i}.bin"), new Random(seed + round + i));
                ends[wasCanceled ? 1 : 0]++;
            }

            rig.Server.AssertNoViolations();
            Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        }

        TestContext.Out.WriteLine($"{ends[0]} complete, {ends[1]} canceled");
        Assert.That(ends, Is.All.GreaterThan(Rounds / 20), "both endings occurred");
    }

    private static async Task<bool> Hammer(UploadRig rig, Uri url, Random random)
    {
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), url);
        bool mayCancel = random.Next(2) == 0;
        Task<BitsUploadResult> running = Task.Run(() => job.RunAsync());
        Random[] randoms = [.. Enumerable.Range(0, Threads).Select(_ => new Random(random.Next()))];
        Task[] threads = [.. randoms.Select(own => Task.Run(() => ActAsync(rig, job, own, mayCancel)))];
        await Task.WhenAll(threads);
        await job.ResumeAsync();
        bool wasCanceled = await End(running);

        await rig.Server.WhenSettledAsync();
        string packets = rig.Packets();
        BitsUploadStatus status = job.Status;
        Assert.That(status, Is.EqualTo(wasCanceled ? BitsUploadStatus.Canceled : BitsUploadStatus.Acknowledged));
        await job.SuspendAsync();
        await job.ResumeAsync();
        BitsCancelOutcome outcome = await job.CancelAsync();
        Assert.That(outcome is BitsCancelOutcome.AlreadyCompleted, Is.EqualTo(!wasCanceled), $"{outcome}");
        Assert.That(job.Status, Is.EqualTo(status), "a final status does not change");
        Assert.That(rig.Packets(), Is.EqualTo(packets), "nothing is sent after the end");
        Assert.That(rig.Server.HasFile(url.AbsolutePath), Is.EqualTo(!wasCanceled));
        if (!wasCanceled)
        {
            Assert.That(rig.Server.GetFile(url.AbsolutePath).AsSpan().SequenceEqual(rig.File), Is.True);
        }

        return wasCanceled;
    }

    private static async Task ActAsync(UploadRig rig, IBitsUploadJob job, Random random, bool mayCancel)
    {
        for (int i = 0; i < Actions; i++)
        {
            switch (random.Next(mayCancel ? 8 : 7))
            {
                case < 3:
                    await job.SuspendAsync();
                    break;
                case < 6:
                    await job.ResumeAsync();
                    break;
                case 6:
                    rig.Time.Advance(TimeSpan.FromSeconds(1));
                    break;
                default:
                    await job.CancelAsync();
                    break;
            }
        }
    }

    private static async Task<bool> End(Task<BitsUploadResult> running)
    {
        try
        {
            await running;
            return false;
        }
        catch (BitsUploadCanceledException e)
        {
            Assert.That(e.Outcome, Is.AnyOf(BitsCancelOutcome.NotStarted, BitsCancelOutcome.SessionCanceled));
            return true;
        }
    }
}
