using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitsClient.IntegrationTests.Wire;

/// <summary>Answers with the exact bytes that IIS 6 sent to Windows (MC-BUP 4.1), and records the request heads unchanged.</summary>
internal sealed class CapturedServer : IAsyncDisposable
{
    public const string CreateAck =
        "HTTP/1.1 200 OK\r\nDate: Mon, 18 Jun 2007 21:01:56 GMT\r\nServer: Microsoft-IIS/6.0\r\nPragma: no-cache\r\n" +
        "BITS-Packet-Type: Ack\r\nBITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}\r\n" +
        "BITS-Session-Id: {A0FF5911-4144-45B3-BF27-27AFC8EC8A67}\r\n" +
        "Content-Length: 0\r\nAccept-encoding: identity\r\n\r\n";

    public const string FragmentAck =
        "HTTP/1.1 200 OK\r\nDate: Mon, 18 Jun 2007 21:02:01 GMT\r\nServer: Microsoft-IIS/6.0\r\nPragma: no-cache\r\n" +
        "BITS-Packet-Type: Ack\r\nContent-Length: 0\r\nBITS-Received-Content-Range: 4892\r\n\r\n";

    public const string PlainAck =
        "HTTP/1.1 200 OK\r\nDate: Mon, 18 Jun 2007 21:02:02 GMT\r\nServer: Microsoft-IIS/6.0\r\nPragma: no-cache\r\n" +
        "BITS-Packet-Type: Ack\r\nContent-Length: 0\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string[]> _heads = [];
    private readonly Task _serving;

    public CapturedServer()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/upload/2000mb-rfc2119.txt");

    /// <summary>The lines of each request head, in the order of arrival. Not thread-safe: read it after the client has finished.</summary>
    public IReadOnlyList<string[]> Heads => _heads;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using StreamReader reader = new(stream, Encoding.Latin1);
        while (await ReadHeadAsync(reader) is { Length: > 0 } head)
        {
            _heads.Add(head);
            int length = int.Parse(Value(head, "Content-Length")!, CultureInfo.InvariantCulture);
            if (length > 0)
            {
                await reader.ReadBlockAsync(new char[length], _stop.Token);
            }

            string ack = Value(head, "BITS-Packet-Type") switch
            {
                "Create-Session" => CreateAck,
                "Fragment" => FragmentAck,
                _ => PlainAck,
            };
            await stream.WriteAsync(Encoding.Latin1.GetBytes(ack), _stop.Token);
        }
    }

    private async Task<string[]> ReadHeadAsync(StreamReader reader)
    {
        List<string> lines = [];
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    private static string? Value(string[] head, string name) =>
        head.FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];
}
