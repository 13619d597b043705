using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BitsClient.Tests.Telemetry;

/// <summary>Records the activities and the measurements of uploads to one host, as an application's listeners do.</summary>
internal sealed class TelemetryRecorder : IDisposable
{
    private readonly ConcurrentQueue<Activity> _activities = new();
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _measurements = new();
    private readonly ActivityListener _activityListener;
    private readonly MeterListener _meterListener = new();
    private readonly string _host;

    public TelemetryRecorder(string host)
    {
        _host = host;
        _activityListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "BitsClient",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _activities.Enqueue,
        };
        ActivitySource.AddActivityListener(_activityListener);
        _meterListener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "BitsClient")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meterListener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meterListener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _meterListener.Start();
    }

    /// <summary>The activities of the traces that have an upload to the host, in the order they ended.</summary>
    public IReadOnlyList<Activity> Activities
    {
        get
        {
            HashSet<ActivityTraceId> traces =
                [.. _activities.Where(activity => activity.GetTagItem("server.address") as string == _host).Select(a => a.TraceId)];
            return [.. _activities.Where(activity => traces.Contains(activity.TraceId))];
        }
    }

    /// <summary>The activities of runs.</summary>
    public IEnumerable<Activity> Uploads => Activities.Where(activity => activity.OperationName == "BITS upload");

    public IReadOnlyList<(string Name, double Value, Dictionary<string, object?> Tags)> Measurements => [.. _measurements];

    public double Sum(string name) => Values(name).Sum();

    public IEnumerable<double> Values(string name) =>
        _measurements.Where(measurement => measurement.Name == name).Select(measurement => measurement.Value);

    public void Dispose()
    {
        _activityListener.Dispose();
        _meterListener.Dispose();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Dictionary<string, object?> all = new([.. tags]);
        if (all["server.address"] as string == _host)
        {
            _measurements.Enqueue((instrument.Name, value, all));
        }
    }
}
