using BitsClient.Content;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using CsCheck;

namespace BitsClient.Tests.Properties;

/// <summary>
/// Uploads with random faults. Whatever happens, an upload ends with the same bytes on the server, or with a documented exception whose
/// facts are true. For a schedule that fails, CsCheck looks for a simpler one, and prints the seed that replays it.
/// </summary>
[TestFixture(BitsServerDialect.McBup, false)]
[TestFixture(BitsServerDialect.Win32, false)]
[TestFixture(BitsServerDialect.McBup, true)]
public sealed class FaultScheduleTests(BitsServerDialect dialect, bool appends)
{
    // In parts that run in parallel, so that none takes long.
    private const int Parts = 5;
    private const int Schedules = 1_000;

    private int _questions;

    [Test]
    public async Task Every_upload_ends_with_its_bytes_in_place_or_a_documented_exception([Range(1, Parts)] int part)
    {
        Dictionary<string, int> ends = [];
        int questions = _questions;
        await FaultSchedule.Any(appends).SampleAsync(
            async schedule =>
            {
                string end = await PlayAsync(schedule);
                ends[end] = ends.GetValueOrDefault(end) + 1;
            },
            iter: Schedules,
            threads: 1);
        IEnumerable<string> counts = ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}");
        TestContext.Out.WriteLine($"Part {part}: {string.Join(", ", counts)}");
        Assert.That(ends["Completed"], Is.GreaterThan(Schedules / (appends ? 8 : 4)), "the uploads recover from most faults");
        Assert.That(ends, Has.Count.GreaterThan(3), "but not from all");
        Assert.That(_questions - questions, Is.GreaterThan(PacketContent.CanAskFirst ? Schedules / 10 : -1), "fragments were asked for");
    }

    /// <summary>The schedule determines everything; otherwise replaying one would be useless.</summary>
    [Test]
    public Task A_schedule_can_be_replayed() => FaultSchedule.Any(appends).SampleAsync(
        async schedule =>
        {
            string end = await PlayAsync(schedule);
            Assert.That(await PlayAsync(schedule), Is.EqualTo(end));
        },
        iter: 20,
        threads: 1);

    private async Task<string> PlayAsync(FaultSchedule schedule)
    {
        using CancellationTokenSource cancel = new();
        BitsTestServerOptions server = new()
        {
            Dialect = dialect,
            AppendsAndEchoes = appends,
            KeepBrokenFragments = schedule.KeepsBrokenFragments,
        };
        using UploadRig rig = new(server, schedule.Options, schedule.CancelWith(cancel));
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(5);
        byte[] file = UploadRig.Bytes(schedule.FileLength);
        schedule.InjectInto(rig.Server);
        AcknowledgedWatch watch = new(rig.Server) { ServerLies = schedule.ServerLies };
        await using IBitsUploadJob job = rig.Client.CreateJob(new ShortReads(file, most: 64), UploadRig.Url);
        string end;
        try
        {
            await job.RunAsync(watch, cancel.Token);
            end = "Completed";
        }
        catch (BitsUploadException e)
        {
            end = e.GetType().Name;
        }
        catch (BitsUploadCanceledException e)
        {
            end = $"Canceled {e.Outcome}";
        }

        string details = $"{dialect}, appends: {appends}, {end}: {rig.Packets()}";
        rig.Server.AssertNoViolations();
        Assert.That(watch.Complaint, Is.Null, details);
        bool isStored = rig.Server.HasFile("/upload/file.bin");
        if (end == "Completed")
        {
            Assert.That(isStored, Is.True, details);
            Assert.That(rig.Server.Sessions[^1].State, Is.EqualTo(BitsTestSessionState.Closed), details);
        }

        Interlocked.Add(ref _questions, rig.Server.Dialogue.Count(exchange => exchange.RequestHeader("Expect") is not null));
        if (isStored)
        {
            Assert.That(rig.Server.GetFile("/upload/file.bin").AsSpan().SequenceEqual(file), Is.True, details);
        }

        if (end is "Canceled SessionCanceled" or "Canceled NotStarted" && !schedule.ServerLies)
        {
            Assert.That(isStored, Is.False, details);
            Assert.That(job.Checkpoint, Is.Null, details);
            Assert.That(rig.Server.OpenSessionCount, Is.Zero, details);
        }

        return end;
    }
}
