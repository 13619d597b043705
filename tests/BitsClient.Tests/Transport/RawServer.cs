using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitsClient.Tests.Transport;

/// <summary>Listens on a loopback port and answers with the bytes that a test specifies.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private const string CreateAck = "HTTP/1.1 200 OK\r\nBITS-Packet-Type: Ack\r\nBITS-Session-Id: {1}\r\nContent-Length: 0\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IEnumerable<byte[]>> _answer;
    private readonly Task _serving;

    /// <param name="answer">The bytes that answer a request.</param>
    public RawServer(Func<IEnumerable<byte[]>> answer)
    {
        _answer = answer;
        _listener.Start();
        Url = new Uri($"http://{_listener.LocalEndpoint}/upload/file.bin");
        _serving = ListenAsync();
    }

    public Uri Url { get; }

    /// <summary>Whether Create-Session gets a valid answer, so that the bytes answer a fragment.</summary>
    public bool LetsCreate { get; init; }

    /// <summary>Whether a body is read before it is answered.</summary>
    public bool ReadsBodies { get; init; }

    /// <summary>Whether the connection ends after an answer.</summary>
    public bool HangsUp { get; init; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        using (connection)
        {
            NetworkStream stream = connection.GetStream();
            using BufferedStream received = new(stream);
            try
            {
                while (await ReadHeadAsync(received) is { Length: > 0 } head)
                {
                    await AnswerAsync(stream, received, head);
                    if (HangsUp)
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client or the test has closed the connection.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, BufferedStream received, string head)
    {
        if (LetsCreate && head.Contains("Create-Session", StringComparison.Ordinal))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(CreateAck), _stop.Token);
            return;
        }

        if (ReadsBodies)
        {
            string length = head.Split("Content-Length: ")[1].Split('\r')[0];
            await received.ReadExactlyAsync(new byte[int.Parse(length, System.Globalization.CultureInfo.InvariantCulture)], _stop.Token);
        }

        foreach (byte[] piece in _answer())
        {
            await stream.WriteAsync(piece, _stop.Token);
        }
    }

    // A body that is not read is taken for a part of the next head.
    private async Task<string> ReadHeadAsync(BufferedStream received)
    {
        StringBuilder head = new();
        byte[] next = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (await received.ReadAsync(next, _stop.Token) == 0)
            {
                return "";
            }

            head.Append((char)next[0]);
        }

        return head.ToString();
    }
}
