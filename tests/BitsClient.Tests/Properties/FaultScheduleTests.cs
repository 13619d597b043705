using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Properties;

/// <summary>
/// Uploads under faults at random. Whatever happens, an upload ends with the same bytes on the server, or with a documented exception that is true.
/// </summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class FaultScheduleTests(BitsServerDialect dialect)
{
    // In parts, so that they run side by side and none takes long.
    private const int Parts = 5;
    private const int Schedules = 1_000;

    [Test]
    public async Task Every_upload_ends_with_its_bytes_in_place_or_a_documented_exception([Range(1, Parts)] int part)
    {
        Dictionary<string, int> ends = [];
        await Seeds.PlayAsync(Schedules, async seed =>
        {
            string end = await Play(seed);
            ends[end] = ends.GetValueOrDefault(end) + 1;
        });
        TestContext.Out.WriteLine($"Part {part}: " + string.Join(", ", ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}")));
        if (Seeds.Replayed is not null)
        {
            return;
        }

        Assert.That(ends["Completed"], Is.GreaterThan(Schedules / 4), "most faults are come through");
        Assert.That(ends, Has.Count.GreaterThan(3), "and not all");
    }

    /// <summary>A seed tells all, or replaying one would show nothing.</summary>
    [TestCase(1)]
    [TestCase(426069497)]
    public async Task A_schedule_can_be_replayed(int seed)
    {
        string end = await Play(seed);
        Assert.That(await Play(seed), Is.EqualTo(end));
    }

    private async Task<string> Play(int seed)
    {
        FaultSchedule schedule = new(seed);
        using CancellationTokenSource cancel = new();
        using UploadRig rig = new(dialect, schedule.Options, schedule.CancelWith(cancel));
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

        string told = $"{dialect}, seed {seed}, {end}: {rig.Packets()}";
        rig.Server.AssertNoViolations();
        Assert.That(watch.Complaint, Is.Null, told);
        bool isStored = rig.Server.HasFile("/upload/file.bin");
        if (end == "Completed")
        {
            Assert.That(isStored, Is.True, told);
            Assert.That(rig.Server.Sessions[^1].State, Is.EqualTo(BitsTestSessionState.Closed), told);
        }

        if (isStored)
        {
            Assert.That(rig.Server.GetFile("/upload/file.bin").AsSpan().SequenceEqual(file), Is.True, told);
        }

        if (end is "Canceled SessionCanceled" or "Canceled NotStarted" && !schedule.ServerLies)
        {
            Assert.That(isStored, Is.False, told);
            Assert.That(job.Checkpoint, Is.Null, told);
            Assert.That(rig.Server.Sessions.Where(session => session.Id == job.SessionId).Select(session => session.State), Has.None.EqualTo(BitsTestSessionState.Open), told);
        }

        return end;
    }
}
