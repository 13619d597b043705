using System.Diagnostics;
using System.Diagnostics.Metrics;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace BitsClient.Tests.Telemetry;

/// <summary>What an application's telemetry is told of an upload. The listeners hear every test, so these run alone.</summary>
[NonParallelizable]
public sealed class TelemetryTests
{
    private static readonly Uri Url = new("http://telemetry.test/upload/file.bin?key=secret");

    private static readonly string[] Packets =
        ["BITS Create-Session", "BITS Fragment", "BITS Fragment", "BITS Fragment", "BITS Close-Session"];

    [Test]
    public async Task An_upload_is_one_trace_with_a_child_for_each_packet()
    {
        using TelemetryRecorder recorder = new(Url.Host);
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 });
        await using IBitsUploadJob job = Job(rig);
        BitsUploadResult result = await job.RunAsync();

        Activity upload = recorder.Uploads.Single();
        Assert.That(upload.Kind, Is.EqualTo(ActivityKind.Client));
        Assert.That(upload.Status, Is.EqualTo(ActivityStatusCode.Unset));
        Assert.That(upload.TagObjects, Is.EquivalentTo(new Dictionary<string, object?>
        {
            ["url.full"] = "http://telemetry.test/upload/file.bin",
            ["server.address"] = "telemetry.test",
            ["server.port"] = 80,
            ["bits.upload.id"] = job.Id.ToString(),
            ["bits.bytes.total"] = 10_000L,
            ["bits.bytes.acknowledged"] = 10_000L,
            ["bits.bytes.resent"] = 0L,
            ["bits.fragments"] = result.Fragments,
            ["bits.retries"] = 0,
            ["bits.sessions"] = 1,
            ["bits.outcome"] = "completed",
        }));
        Activity[] packets = [.. recorder.Activities.Where(activity => activity != upload)];
        Assert.That(packets.Select(packet => packet.OperationName), Is.EqualTo(Packets));
        Assert.That(packets.Select(packet => packet.ParentSpanId), Is.All.EqualTo(upload.SpanId));
        Assert.That(
            packets.Where(packet => packet.OperationName == "BITS Fragment").Select(packet =>
                (packet.GetTagItem("bits.fragment.offset"), packet.GetTagItem("bits.fragment.size"))),
            Is.EqualTo(new[] { (0L, 4000L), (4000L, 4000L), (8000L, 2000L) }));
    }

    [Test]
    public async Task The_activity_of_a_packet_is_current_in_the_handler_and_that_of_the_caller_is_the_parent_of_all()
    {
        using TelemetryRecorder recorder = new(Url.Host);
        List<string?> current = [];
        Interception reader = new(_ =>
        {
            current.Add(Activity.Current?.OperationName);
            return Task.FromResult<HttpResponseMessage?>(null);
        });
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 }, handlers: reader);
        await using IBitsUploadJob job = Job(rig);
        using Activity request = new Activity("request").Start();
        await job.RunAsync();
        Assert.That(current, Is.EqualTo(Packets));
        Assert.That(recorder.Uploads.Single().ParentSpanId, Is.EqualTo(request.SpanId));
        Assert.That(Activity.Current, Is.SameAs(request));
    }

    [Test]
    public async Task A_failure_has_its_type_and_a_retry_its_reason()
    {
        using TelemetryRecorder recorder = new(Url.Host);
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503));
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(403));
        await using IBitsUploadJob job = Job(rig);
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());

        Activity upload = recorder.Uploads.Single();
        Assert.That((upload.GetTagItem("bits.outcome"), upload.GetTagItem("error.type")), Is.EqualTo(("failed", "403")));
        Assert.That(upload.Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(upload.StatusDescription, Does.Contain("403").And.Not.Contain("secret"));
        Assert.That(
            recorder.Activities.Select(activity => activity.GetTagItem("error.type")).OfType<string>(),
            Is.EqualTo(new[] { "503", "403", "403" }), "the fragment, Close-Session, the upload");
        Assert.That(
            recorder.Measurements.Where(measurement => measurement.Name == "bits.client.upload.retries").Select(m => m.Tags["error.type"]),
            Is.EqualTo(new[] { "server" }));
        Dictionary<string, object?> duration = recorder.Measurements.Single(m => m.Name == "bits.client.upload.duration").Tags;
        Assert.That((duration["bits.outcome"], duration["error.type"]), Is.EqualTo(("failed", "403")));
    }

    [TestCase(BitsSessionAction.CancelSession, "canceled")]
    [TestCase(BitsSessionAction.KeepSession, "kept")]
    public async Task A_stop_is_no_error_and_has_its_outcome(BitsSessionAction action, string outcome)
    {
        using TelemetryRecorder recorder = new(Url.Host);
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000, OnCancellation = action });
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        using CancellationTokenSource stop = new();
        await using IBitsUploadJob job = Job(rig);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);
        await stop.CancelAsync();
        gate.Release();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());

        Activity upload = recorder.Uploads.Single();
        Assert.That((upload.GetTagItem("bits.outcome"), upload.Status), Is.EqualTo((outcome, ActivityStatusCode.Unset)));
        Assert.That(
            recorder.Measurements.Where(m => m.Name == "bits.client.cancel.duration").Select(m => m.Tags["bits.outcome"]),
            Is.EqualTo(action is BitsSessionAction.CancelSession ? new[] { "session_canceled" } : []));
        Assert.That(recorder.Sum("bits.client.active_uploads"), Is.Zero);
        Assert.That(recorder.Values("bits.client.active_uploads"), Is.EqualTo(new[] { 1.0, -1.0 }));
    }

    [Test]
    public async Task A_resumed_run_links_to_the_earlier_one_also_in_another_process()
    {
        using TelemetryRecorder recorder = new(Url.Host);
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob job = Job(rig);
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!;
        await using IBitsUploadJob resumed = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(rig.File));
        await resumed.RunAsync();

        Activity[] uploads = [.. recorder.Uploads];
        Assert.That(checkpoint.TraceParent, Is.EqualTo(uploads[0].Id));
        Assert.That(uploads[0].Links, Is.Empty);
        Assert.That(uploads[1].Links.Single().Context.SpanId, Is.EqualTo(uploads[0].SpanId));
        Assert.That(uploads[1].TraceId, Is.Not.EqualTo(uploads[0].TraceId));
    }

    [Test]
    public async Task A_fragment_is_measured_by_its_size_and_its_time()
    {
        using MetricCollector<long> sizes = new(meterScope: null, "BitsClient", "bits.client.fragment.size");
        using MetricCollector<double> times = new(meterScope: null, "BitsClient", "bits.client.fragment.duration");
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 });
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = Job(rig);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        gate.Release();
        await running;
        Assert.That(sizes.GetMeasurementSnapshot().Select(size => size.Value), Is.EqualTo(new[] { 4000L, 4000L, 2000L }));
        Assert.That(times.GetMeasurementSnapshot().Select(time => time.Value), Is.EqualTo(new[] { 3.0, 0.0, 0.0 }));
    }

    [Test]
    public async Task A_listener_that_comes_during_an_upload_does_not_count_its_end()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 });
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        await using IBitsUploadJob job = Job(rig);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        using TelemetryRecorder recorder = new(Url.Host);
        gate.Release();
        await running;
        Assert.That(recorder.Values("bits.client.active_uploads"), Is.Empty);
        Assert.That(recorder.Values("bits.client.upload.duration").Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_listener_that_throws_does_not_disturb_an_upload()
    {
        using ActivityListener faulty = new()
        {
            ShouldListenTo = source => source.Name == "BitsClient",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => throw new InvalidOperationException("started"),
            ActivityStopped = _ => throw new InvalidOperationException("stopped"),
        };
        ActivitySource.AddActivityListener(faulty);
        using MeterListener meters = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "BitsClient")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("measured"));
        meters.Start();
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4000 });
        await using IBitsUploadJob job = Job(rig);
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        await using IBitsUploadJob other = Job(rig);
        Assert.That(await other.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
    }

    [Test]
    public async Task Without_a_listener_nothing_is_recorded()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob job = Job(rig);
        using Activity request = new Activity("request").Start();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.TraceParent, Is.Null, "the activity of the caller is not the library's");
    }

    private static IBitsUploadJob Job(UploadRig rig) => rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), Url);
}
