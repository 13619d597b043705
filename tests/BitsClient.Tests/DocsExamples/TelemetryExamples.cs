using System.Diagnostics;
using BitsClient.Tests.Support;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples of docs/telemetry.md. The code between two markers also appears in a document, word for word.</summary>
[NonParallelizable]
public sealed class TelemetryExamples
{
    [Test]
    public async Task OpenTelemetry_collects_one_trace_for_an_upload_and_its_metrics()
    {
        List<Activity> activities = [];
        List<Metric> measurements = [];

        // <collect>
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder()
            .AddSource("BitsClient")
            .AddSource("System.Net.Http")    // the requests of the HttpClient, from .NET 9 on
            .AddInMemoryExporter(activities)
            .Build();
        using MeterProvider metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter("BitsClient")
            .AddInMemoryExporter(measurements)
            .Build();
        // </collect>

        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 400 });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        traces.ForceFlush();
        metrics.ForceFlush();

        Assert.That(activities.Select(activity => activity.TraceId).Distinct().ToArray(), Has.Length.EqualTo(1));
        Assert.That(activities.Count(activity => activity.OperationName == "BITS Fragment"), Is.EqualTo(25));
        Metric acknowledged = measurements.Single(metric => metric.Name == "bits.client.upload.acknowledged");
        long sum = 0;
        foreach (ref readonly MetricPoint point in acknowledged.GetMetricPoints())
        {
            sum += point.GetSumLong();
        }

        Assert.That(sum, Is.EqualTo(10_000));
    }
}
