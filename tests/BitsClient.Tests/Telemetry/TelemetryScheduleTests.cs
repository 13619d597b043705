using BitsClient.Testing;
using BitsClient.Tests.Properties;
using BitsClient.Tests.Support;
using CsCheck;

namespace BitsClient.Tests.Telemetry;

/// <summary>Whatever happens to an upload, the numbers in activities and metrics are those of its result.</summary>
[NonParallelizable]
public sealed class TelemetryScheduleTests
{
    private static readonly Uri Url = new("http://schedule.test/upload/file.bin");

    [TestCase(false)]
    [TestCase(true)]
    public async Task Activities_and_metrics_have_the_numbers_of_the_result(bool appends)
    {
        int completed = 0;
        await FaultSchedule.Any(appends).SampleAsync(
            async schedule => completed += await PlayAsync(schedule, appends) ? 1 : 0, iter: 300, threads: 1);
        Assert.That(completed, Is.GreaterThan(30));
    }

    private static async Task<bool> PlayAsync(FaultSchedule schedule, bool appends)
    {
        using CancellationTokenSource cancel = new();
        BitsTestServerOptions server = new() { AppendsAndEchoes = appends, KeepBrokenFragments = schedule.KeepsBrokenFragments };
        using UploadRig rig = new(server, schedule.Options, schedule.CancelWith(cancel));
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(5);
        schedule.InjectInto(rig.Server);
        using TelemetryRecorder recorder = new(Url.Host);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(UploadRig.Bytes(schedule.FileLength)), Url);
        BitsUploadResult? result = null;
        try
        {
            result = await job.RunAsync(cancellationToken: cancel.Token);
        }
        catch (Exception e) when (e is BitsUploadException or BitsUploadCanceledException)
        {
            // The numbers of a run that fails are those of the job so far, which nothing else tells.
        }

        Assert.That(recorder.Sum("bits.client.active_uploads"), Is.Zero);
        Assert.That(recorder.Values("bits.client.upload.duration").Count(), Is.EqualTo(1));
        Assert.That(recorder.Uploads.Count(), Is.EqualTo(1));
        if (result is null)
        {
            return false;
        }

        Assert.That(
            (recorder.Sum("bits.client.upload.acknowledged"), recorder.Sum("bits.client.upload.resent"),
                recorder.Sum("bits.client.upload.retries"), recorder.Values("bits.client.fragment.size").Count()),
            Is.EqualTo(((double)result.BytesTransferred, (double)result.BytesResent, (double)result.Retries, result.Fragments)));
        Assert.That(
            recorder.Uploads.Select(upload => (upload.GetTagItem("bits.bytes.acknowledged"), upload.GetTagItem("bits.bytes.resent"),
                upload.GetTagItem("bits.retries"), upload.GetTagItem("bits.fragments"), upload.GetTagItem("bits.outcome"))),
            Is.EqualTo(new[] { (result.BytesTransferred, result.BytesResent, result.Retries, result.Fragments, "completed") }));
        return true;
    }
}
