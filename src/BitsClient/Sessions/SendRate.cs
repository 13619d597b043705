namespace BitsClient.Sessions;

/// <summary>The bytes sent per second, as an exponential moving average over about five seconds.</summary>
internal sealed class SendRate
{
    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(5);

    private long _sentBefore;
    private double _rate;

    /// <summary>The current rate; 0 until it is known.</summary>
    public double BytesPerSecond => Math.Max(0, _rate);

    /// <summary>Counts what was sent since the last update.</summary>
    /// <param name="sent">How many bytes were sent in total.</param>
    /// <param name="since">The time since the last update; null for the first one.</param>
    public void Update(long sent, TimeSpan? since)
    {
        if (since is { Ticks: > 0 } passed)
        {
            double weight = _rate == 0 ? 1 : 1 - Math.Exp(-passed / Smoothing);
            _rate += weight * (((sent - _sentBefore) / passed.TotalSeconds) - _rate);
        }

        _sentBefore = sent;
    }
}
