using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using BitsClient.Queue.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Queue.Tests;

/// <summary>Spans that are linked, gauges, and the health check.</summary>
[NonParallelizable]
public sealed class TelemetryTests(DatabaseKind kind) : QueueTest(kind)
{
    [Test]
    public async Task A_run_is_linked_to_where_it_was_enqueued_and_the_upload_is_within_it()
    {
        ConcurrentQueue<Activity> stopped = new();
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name.StartsWith("BitsClient", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        IHost host = await Rig.StartAsync();
        Guid id = await QueueRig.QueueOf(host).EnqueueAsync(Rig.Request());
        await QueueRig.QueueOf(host).WaitAsync(id);
        await host.StopAsync();
        Activity enqueued = stopped.Single(activity => activity.OperationName == "BITS enqueue" && IsOf(activity));
        Activity run = stopped.Single(activity => activity.OperationName == "BITS queued upload" && IsOf(activity));
        Assert.That(run.Links.Single().Context.SpanId, Is.EqualTo(enqueued.SpanId));
        Assert.That(run.GetTagItem("bits.queue.status"), Is.EqualTo("transferred"));
        Assert.That(stopped, Has.Some.Matches<Activity>(activity => activity.ParentSpanId == run.SpanId));

        bool IsOf(Activity activity) => Equals(activity.GetTagItem("bits.queue.id"), id.ToString("D"));
    }

    [Test]
    public async Task The_gauges_say_how_full_the_queue_is()
    {
        IHost host = await Rig.StartAsync(options => options.MaxConcurrentUploads = 0);
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        await queue.EnqueueAsync(Rig.Request());
        await queue.EnqueueAsync(Rig.Request() with { NotBefore = DateTimeOffset.UtcNow.AddHours(-1) });
        await queue.SuspendAsync(await queue.EnqueueAsync(Rig.Request()));
        ConcurrentDictionary<string, double> measured = new();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "BitsClient.Queue")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.That(measured["bits.queue.uploads Queued"], Is.EqualTo(2));
        Assert.That(measured["bits.queue.uploads Suspended"], Is.EqualTo(1));
        Assert.That(measured["bits.queue.oldest"], Is.InRange(3590, 3700));
    }

    [Test]
    public async Task The_health_check_counts_and_fails_if_an_upload_waits_too_long()
    {
        IHost host = Rig.Build(
            options => options.MaxConcurrentUploads = 0,
            services => services.AddHealthChecks().AddBitsUploadQueue().AddBitsUploadQueue("prompt", maxWait: TimeSpan.FromTicks(-1)));
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        await queue.EnqueueAsync(Rig.Request());
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries["bits-queue"].Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(report.Entries["bits-queue"].Data["Queued"], Is.EqualTo(1));
        Assert.That(report.Entries["prompt"].Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(report.Entries["prompt"].Description, Does.Contain("has been due for"));
    }

    [Test]
    public async Task The_health_check_fails_if_the_database_does_not_answer()
    {
        IHost host = Rig.Build(services: services => services.AddHealthChecks().AddBitsUploadQueue());
        await QueueRig.QueueOf(host).InitializeAsync();
        await Rig.SqlAsync("DROP TABLE bits_upload");
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries["bits-queue"].Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(report.Entries["bits-queue"].Description, Does.Contain("cannot be used"));
    }
}
