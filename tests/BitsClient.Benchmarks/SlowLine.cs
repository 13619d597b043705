using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace BitsClient.Benchmarks;

/// <summary>
/// A proxy for TCP that is as slow as a line. Every piece of data arrives half a round trip after it has left. Towards the server, all
/// connections share one rate, and each has a buffer of one delay product, at least 256 KiB, that makes the client wait when it is full.
/// The line loses nothing, and a connection has the whole rate at once: there is no slow start.
/// </summary>
internal sealed class SlowLine : IDisposable
{
    /// <summary>
    /// The buffers of the sockets between the client and this proxy, in bytes. By default, the system would make them so large that the
    /// client would not notice the line.
    /// </summary>
    public const int SocketBuffer = 128 * 1024;

    private const int MinBuffer = 256 * 1024;
    private const int PieceSize = 32 * 1024;

    private readonly IPEndPoint _server;
    private readonly Link _link;
    private readonly long _delay;
    private readonly int _buffer;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();

    // When the last byte that was taken will have left, as a timestamp of the stopwatch.
    private long _free;
    private long _newestSentAt;

    public SlowLine(IPEndPoint server, Link link)
    {
        (_server, _link) = (server, link);
        _delay = (long)(link.RoundTrip.TotalSeconds / 2 * Stopwatch.Frequency);
        _buffer = Math.Max(MinBuffer, (int)link.DelayProduct);
        _listener.Server.ReceiveBufferSize = SocketBuffer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>When the client sent the first data of the newest connection that has any, as a timestamp of the stopwatch.</summary>
    public long NewestSentAt => Volatile.Read(ref _newestSentAt);

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ConnectAsync(await _listener.AcceptSocketAsync());
        }
    }

    // If one direction breaks, both sockets are closed. If one ends, the other goes on.
    private async Task ConnectAsync(Socket client)
    {
        using Socket own = client;
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        await server.ConnectAsync(_server);
        await Task.Delay(_link.RoundTrip);
        bool isNew = true;
        Task there = CarryAsync(client, server, count =>
        {
            _newestSentAt = isNew ? Stopwatch.GetTimestamp() : _newestSentAt;
            isNew = false;
            return Leave(count);
        });
        Task back = CarryAsync(server, client, _ => Stopwatch.GetTimestamp());
        await await Task.WhenAny(there, back);
        await Task.WhenAll(there, back);
    }

    private Task CarryAsync(Socket from, Socket to, Func<int, long> leave)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: _buffer, resumeWriterThreshold: _buffer - PieceSize));
        Channel<Piece> pieces = Channel.CreateUnbounded<Piece>();
        return Task.WhenAll(TakeAsync(from, pipe.Writer, pieces.Writer, leave), DeliverAsync(pieces.Reader, pipe.Reader, to));
    }

    private async Task TakeAsync(Socket from, PipeWriter bytes, ChannelWriter<Piece> pieces, Func<int, long> leave)
    {
        int count;
        bool open;
        do
        {
            count = await from.ReceiveAsync(bytes.GetMemory(PieceSize)[..PieceSize]);
            bytes.Advance(count);
            pieces.TryWrite(new Piece(count, leave(count) + _delay));
            open = !(await bytes.FlushAsync()).IsCompleted;
        }
        while (count > 0 && open);
    }

    private static async Task DeliverAsync(ChannelReader<Piece> pieces, PipeReader bytes, Socket to)
    {
        try
        {
            while (await pieces.ReadAsync() is { Count: > 0 } piece)
            {
                await ArriveAsync(piece);
                ReadOnlySequence<byte> data = (await bytes.ReadAtLeastAsync(piece.Count)).Buffer.Slice(0, piece.Count);
                foreach (ReadOnlyMemory<byte> part in data)
                {
                    await to.SendAsync(part);
                }

                bytes.AdvanceTo(data.End);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        finally
        {
            await bytes.CompleteAsync();
        }
    }

    private static async Task ArriveAsync(Piece piece)
    {
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), piece.Arrival);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left);
        }
    }

    private long Leave(int count)
    {
        lock (_gate)
        {
            _free = Math.Max(_free, Stopwatch.GetTimestamp()) + (long)(count / _link.BytesPerSecond * Stopwatch.Frequency);
            return _free;
        }
    }

    /// <summary>Bytes that were read together.</summary>
    /// <param name="Count">Their number; 0 at the end of the connection.</param>
    /// <param name="Arrival">When they arrive, as a timestamp of the stopwatch.</param>
    private readonly record struct Piece(int Count, long Arrival);
}
