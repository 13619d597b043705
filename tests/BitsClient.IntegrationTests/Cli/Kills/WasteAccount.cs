#if NET10_0_OR_GREATER
using System.Globalization;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>
/// What the kills in an upload cost, by the server's record alone: the bytes of a session that it read and did not keep. Those of a fragment that broke
/// off are owed to the kill after it; those it had already, to the kill before.
/// </summary>
internal sealed class WasteAccount(BitsServerDialect dialect)
{
    private readonly Dictionary<int, (long Waste, long InFlight)> _kills = [];

    /// <summary>The bytes that were kept.</summary>
    public long Kept { get; private set; }

    /// <summary>For each kill that cost something, counted from 1: how much, and how long the fragment was that it broke off.</summary>
    public IEnumerable<(int Kill, long Waste, long InFlight)> Kills => _kills.Select(kill => (kill.Key, kill.Value.Waste, kill.Value.InFlight));

    /// <summary>Takes the fragments of a session in their order.</summary>
    /// <param name="fragment">The fragment.</param>
    /// <param name="run">Which run of the tool sent it, counted from 0: the kill before has the same number, the kill after the next.</param>
    public void Add(BitsExchange fragment, int run)
    {
        (long start, long length) = RangeOf(fragment);
        long kept = KeptOf(start, length, fragment.BodyBytes);
        Kept += kept;
        bool broke = fragment.BodyBytes < length;
        if (fragment.BodyBytes > kept)
        {
            int kill = broke ? run + 1 : run;
            (long waste, long inFlight) = _kills.GetValueOrDefault(kill);
            _kills[kill] = (waste + fragment.BodyBytes - kept, broke ? length : inFlight);
        }
    }

    private long KeptOf(long start, long length, long read) =>
        read < length || start > Kept ? 0
        : dialect is BitsServerDialect.Win32 ? Math.Max(0, start + length - Kept)
        : start == Kept ? length : 0;

    // bytes 0-9/30
    private static (long Start, long Length) RangeOf(BitsExchange fragment)
    {
        string[] numbers = fragment.RequestHeader("Content-Range")!.Split(' ', '-', '/');
        long start = long.Parse(numbers[1], CultureInfo.InvariantCulture);
        return (start, long.Parse(numbers[2], CultureInfo.InvariantCulture) - start + 1);
    }
}
#endif
