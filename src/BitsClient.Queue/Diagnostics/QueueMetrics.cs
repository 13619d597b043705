using System.Diagnostics.Metrics;
using BitsClient.Queue.Storage;

namespace BitsClient.Queue.Diagnostics;

/// <summary>The gauges of the queue, which are read from the database when they are collected. While it is away, there are none.</summary>
internal sealed class QueueMetrics : IDisposable
{
    private readonly QueueTable _table;
    private readonly Meter _meter;

    public QueueMetrics(QueueTable table)
    {
        _table = table;
        _meter = new Meter("BitsClient.Queue", typeof(QueueMetrics).Assembly.GetName().Version!.ToString(3));
        _meter.CreateObservableGauge(
            "bits.queue.uploads", Uploads, "{upload}", "The uploads that have not ended, and those that failed for good, by status.");
        _meter.CreateObservableGauge("bits.queue.oldest", Oldest, "s", "For how long the oldest waiting upload has been due.");
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Uploads() =>
        TryCount() is { } counted
            ? counted.Counts.Select(pair => new Measurement<long>(
                pair.Value, new KeyValuePair<string, object?>("bits.queue.status", pair.Key.ToString())))
            : [];

    private IEnumerable<Measurement<double>> Oldest() =>
        TryCount() is { } counted ? [new Measurement<double>(counted.Oldest.TotalSeconds)] : [];

    // Collectors have a thread of their own, and ask synchronously.
    private QueueStatistics? TryCount()
    {
        try
        {
#pragma warning disable VSTHRD002 // There is no asynchronous way to be asked.
            return Task.Run(() => _table.CountAsync(CancellationToken.None)).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        catch (BitsQueueException)
        {
            return null;
        }
    }
}
