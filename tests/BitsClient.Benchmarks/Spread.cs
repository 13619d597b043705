namespace BitsClient.Benchmarks;

/// <summary>The least, the middle and the greatest of some values.</summary>
internal sealed class Spread
{
    private readonly double[] _sorted;

    public Spread(IEnumerable<double> values) => _sorted = [.. values.Order()];

    public double Min => _sorted[0];

    public double Median => (_sorted[(_sorted.Length - 1) / 2] + _sorted[_sorted.Length / 2]) / 2;

    public double Max => _sorted[^1];

    public override string ToString() => FormattableString.Invariant($"{Median:0.00} ({Min:0.00}-{Max:0.00})");
}
