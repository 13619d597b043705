using System.CommandLine.Parsing;
using System.Globalization;

namespace BitsClient.Benchmarks;

/// <summary>A line between two computers.</summary>
/// <param name="RoundTrip">The time to the server and back.</param>
/// <param name="Megabits">The rate towards the server, in millions of bits per second.</param>
internal sealed record Link(TimeSpan RoundTrip, int Megabits)
{
    /// <summary>Lines near and far, slow and fast.</summary>
    public static Link[] Defaults =>
    [
        .. from megabits in new[] { 10, 100, 1000 }
        from milliseconds in new[] { 20, 80, 200 }
        select new Link(TimeSpan.FromMilliseconds(milliseconds), megabits),
    ];

    public double BytesPerSecond => Megabits * 1e6 / 8;

    /// <summary>The bytes that are under way if the line is full, there and back.</summary>
    public double DelayProduct => BytesPerSecond * RoundTrip.TotalSeconds;

    /// <summary>Reads links such as 80x10: a round trip of 80 ms, 10 Mbit/s.</summary>
    public static Link[]? Parse(ArgumentResult result)
    {
        List<Link> links = [];
        foreach (string text in result.Tokens.Select(token => token.Value))
        {
            if (text.Split('x') is not [string time, string rate]
                || !int.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds)
                || !int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out int megabits)
                || megabits == 0)
            {
                result.AddError($"'{text}' is not a link such as 80x10: milliseconds of a round trip, x, Mbit/s.");
                return null;
            }

            links.Add(new Link(TimeSpan.FromMilliseconds(milliseconds), megabits));
        }

        return [.. links];
    }
}
