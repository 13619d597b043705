using System.Text;

namespace BitsClient.Tests.Transport;

/// <summary>Bytes in the place of an HTTP answer, in the pieces in which they are sent. Some never end.</summary>
internal static class RawAnswer
{
    // Valid for Create-Session and invalid for a fragment: no upload succeeds with it.
    private const string Ack =
        "HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nBITS-Session-Id: {1}\r\nBITS-Received-Content-Range: none\r\nContent-Length: 0\r\n";

    private const string PlainAck = "BITS-Packet-Type: Ack\r\n";

    public static readonly IReadOnlyDictionary<string, Func<Random, IEnumerable<byte[]>>> Kinds =
        new Dictionary<string, Func<Random, IEnumerable<byte[]>>>(StringComparer.Ordinal)
        {
            ["nothing"] = static _ => [],
            ["a truncated head"] = static random => Text(Ack[..random.Next(Ack.Length)]),
            ["garbage"] = static random => [Garbage(random, 2000)],
            ["a garbage status line"] = static random => [.. Text("HTTP/1.1 "), Garbage(random, 30_000), .. Text("\r\n\r\n")],
            ["an invalid status"] = static random => Text($"HTTP/1.1 {random.Next(-1000, 100_000)} ?\r\nContent-Length: 0\r\n\r\n"),
            ["another version"] = static random => Text($"HTTP/{random.Next(10)}.{random.Next(10)} 200 OK\r\nContent-Length: 0\r\n\r\n"),
            ["a garbage header"] = static random => [.. Text(Ack), Garbage(random, 300), .. Text("\r\n\r\n")],
            ["a garbage value"] = static random => [.. Text($"{Ack}BITS-Protocol: "), Garbage(random, 300), .. Text("\r\n\r\n")],
            ["a header of 64 KB"] = static random => Text($"{Ack}BITS-Error-Code: {new string('f', random.Next(60_000, 70_000))}\r\n\r\n"),
            ["headers without end"] = static _ => Forever("X-More: and more\r\n", Text(Ack)),
            ["a session id of 60 KB"] = static _ => Text($"{Ack.Replace("{1}", new string('i', 60_000), StringComparison.Ordinal)}\r\n"),
            ["a body without end"] = static random =>
                Forever("more and more ", Text($"HTTP/1.1 {random.Next(202, 600)} ?\r\n{PlainAck}\r\n")),
            ["a body that is too short"] = static random =>
                Text($"HTTP/1.1 {random.Next(200, 600)} ?\r\nContent-Length: 1000000\r\n\r\nless"),
            ["an invalid length"] = static random =>
                Text($"HTTP/1.1 200 OK\r\nContent-Length: {-random.NextInt64()}\r\nContent-Length: x\r\n\r\n"),
            ["invalid chunks"] = static _ => Text("HTTP/1.1 500 ?\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"),
            ["interim answers"] = static random => Repeated("HTTP/1.1 100 Continue\r\n\r\n", random.Next(1, 5000)),
            ["interim answers without end"] = static _ => Forever("HTTP/1.1 102 Processing\r\n\r\n", []),
            ["an upgrade"] = static _ => Text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: bits\r\nConnection: Upgrade\r\n\r\n"),
            ["byte by byte"] = static random =>
                $"HTTP/1.1 {random.Next(202, 600)} ?\r\n{PlainAck}Content-Length: 0\r\n\r\n".Select(c => new[] { (byte)c }),
            ["a redirect to garbage"] = static random =>
                [.. Text("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://"), Garbage(random, 100), .. Text("\r\n\r\n")],
        };

    private static IEnumerable<byte[]> Text(string text) => [Encoding.Latin1.GetBytes(text)];

    private static IEnumerable<byte[]> Repeated(string text, int times) => Text(string.Concat(Enumerable.Repeat(text, times)));

    private static IEnumerable<byte[]> Forever(string text, IEnumerable<byte[]> after)
    {
        foreach (byte[] piece in after)
        {
            yield return piece;
        }

        byte[] more = [.. Repeated(text, 100).Single()];
        while (true)
        {
            yield return more;
        }
    }

    private static byte[] Garbage(Random random, int most)
    {
        byte[] bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }
}
