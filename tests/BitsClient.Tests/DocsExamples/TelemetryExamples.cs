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
            .AddView("bits.client.fragment.size", new ExplicitBucketHistogramConfiguration
            {
                Boundaries = [65_536, 1_048_576, 4_194_304, 8_388_608, 16_777_216, 29_360_128],
            })
            .AddView("bits.client.*.duration", new ExplicitBucketHistogramConfiguration
            {
                Boundaries = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 7200],
            })
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

        Metric sizes = measurements.Single(metric => metric.Name == "bits.client.fragment.size");
        foreach (ref readonly MetricPoint point in sizes.GetMetricPoints())
        {
            HistogramBuckets.Enumerator buckets = point.GetHistogramBuckets().GetEnumerator();
            Assert.That(buckets.MoveNext());
            Assert.That((buckets.Current.ExplicitBound, buckets.Current.BucketCount), Is.EqualTo((65_536.0, 25)));
        }
    }
}
