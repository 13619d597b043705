using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BitsClient.Cli.Tests.Support;

/// <summary>A SOCKS5 proxy (RFC 1928) on the loopback address that connects to one port, whatever it is asked for.</summary>
internal sealed class SocksProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Task _accepting;

    private SocksProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"socks5://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The user and the password of the last connection (RFC 1929).</summary>
    public string? User { get; private set; }

    /// <summary>The host that the last connection asked for.</summary>
    public string? Host { get; private set; }

    public static SocksProxy Start(Uri target) => new(target.Port);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (TcpClient server = new())
        {
            NetworkStream stream = client.GetStream();
            await ReadAsync(stream, (await ReadAsync(stream, 2))[1]);
            await stream.WriteAsync(new byte[] { 5, 2 });
            await ReadAsync(stream, 1);
            User = $"{await TextAsync(stream)}:{await TextAsync(stream)}";
            await stream.WriteAsync(new byte[] { 1, 0 });
            await ReadAsync(stream, 4);
            Host = await TextAsync(stream);
            await ReadAsync(stream, 2);
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 });
            await Task.WhenAny(stream.CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(stream));
        }
    }

    private static async Task<string> TextAsync(NetworkStream stream) =>
        Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
