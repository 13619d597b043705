#if NET10_0_OR_GREATER
using System.Globalization;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>
/// Computes from the server's record which bytes each kill made the tool resend: the bytes of a session that the server read but did not
/// keep. Those of an incomplete fragment are attributed to the kill that followed; those that the server already had, to the kill before.
/// </summary>
internal sealed class WasteAccount(BitsServerDialect dialect)
{
    private readonly Dictionary<int, (long Waste, long InFlight)> _kills = [];

    /// <summary>The number of bytes that the server kept.</summary>
    public long Kept { get; private set; }

    /// <summary>
    /// The kills that wasted bytes, numbered from 1, with the number of bytes and the length of the fragment that the kill interrupted.
    /// </summary>
    public IEnumerable<(int Kill, long Waste, long InFlight)> Kills =>
        _kills.Select(kill => (kill.Key, kill.Value.Waste, kill.Value.InFlight));

    /// <summary>Adds a fragment. Fragments of a session must be added in order.</summary>
    /// <param name="fragment">The fragment.</param>
    /// <param name="run">
    /// The run of the tool that sent it, numbered from 0. The kill before the run has the same number, the kill that ends it the next.
    /// </param>
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

    private long KeptOf(long start, long length, long read)
    {
        if (read < length || start > Kept)
        {
            return 0;
        }

        if (dialect is BitsServerDialect.Win32)
        {
            return Math.Max(0, start + length - Kept);
        }

        return start == Kept ? length : 0;
    }

    // Parses a Content-Range such as "bytes 0-9/30".
    private static (long Start, long Length) RangeOf(BitsExchange fragment)
    {
        string[] numbers = fragment.RequestHeader("Content-Range")!.Split(' ', '-', '/');
        long start = long.Parse(numbers[1], CultureInfo.InvariantCulture);
        return (start, long.Parse(numbers[2], CultureInfo.InvariantCulture) - start + 1);
    }
}
#endif
