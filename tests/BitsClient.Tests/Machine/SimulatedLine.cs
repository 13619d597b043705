namespace BitsClient.Tests.Machine;

/// <summary>
/// A line to a server that exists only as arithmetic. No test waits for it, and chance is the same in each run.
/// </summary>
internal sealed record SimulatedLine
{
    // What a packet without a body and its headers have.
    private const int PacketBytes = 300;

    private readonly Random _random = new(1);

    public required double BytesPerSecond { get; init; }

    /// <summary>In seconds.</summary>
    public double RoundTrip { get; init; }

    /// <summary>A time of each request with a body, in seconds, such as a scan by the server.</summary>
    public double Fixed { get; init; }

    /// <summary>The same of requests without a body.</summary>
    public double FixedOfPackets { get; init; }

    /// <summary>The bytes that the connection takes before the line does.</summary>
    public long Buffer { get; init; }

    /// <summary>The server refuses larger fragments, before their body is sent if it is asked.</summary>
    public long Limit { get; init; } = long.MaxValue;

    /// <summary>A proxy asks for every body, and the server behind it refuses it then.</summary>
    public bool AnswersTooSoon { get; init; }

    /// <summary>The most by which a round trip is longer, in seconds.</summary>
    public double Jitter { get; init; }

    /// <summary>The part of the requests in which a lost packet costs three round trips and 200 ms.</summary>
    public double Loss { get; init; }

    /// <summary>A packet without a body, or the headers of one that is refused or asked for.</summary>
    public double Packet() => Trip() + FixedOfPackets + (PacketBytes / BytesPerSecond);

    public double Fragment(long length) => Trip() + Fixed + ((length + PacketBytes) / BytesPerSecond);

    public double Writing(long length) => Math.Max(0, length - Buffer) / BytesPerSecond;

    private double Trip()
    {
        double lost = Loss > 0 && _random.NextDouble() < Loss ? (3 * RoundTrip) + 0.2 : 0;
        return RoundTrip + lost + (Jitter > 0 ? Jitter * _random.NextDouble() : 0);
    }
}
