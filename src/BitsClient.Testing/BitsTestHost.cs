using System.Net;
using BitsClient.Testing.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace BitsClient.Testing;

/// <summary>
/// Hosts a <see cref="BitsTestServer"/> with Kestrel over HTTP/1.1, on the loopback address only. It writes no logs and reads no
/// configuration. Disposing it closes all connections but not the server. Thread-safe.
/// </summary>
public sealed class BitsTestHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private BitsTestHost(WebApplication application) => _application = application;

    /// <summary>The root URL, for example <c>http://127.0.0.1:50123/</c>.</summary>
    public Uri BaseAddress => new(_application.Urls.Single());

    /// <summary>Starts listening.</summary>
    /// <param name="server">The server to host.</param>
    /// <param name="port">The TCP port. Default: 0, any free port.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The host, which listens until it is disposed.</returns>
    /// <exception cref="ArgumentNullException">The server is null.</exception>
    /// <exception cref="IOException">The port is in use.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled first.</exception>
    public static async Task<BitsTestHost> StartAsync(BitsTestServer server, int port = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, port, server.Options));

        var host = new BitsTestHost(builder.Build());
        host._application.Run(context => server.Engine.HandleAsync(new KestrelRequest(context, host.BaseAddress)));
        try
        {
            await host._application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return host;
    }

    /// <summary>Stops listening and closes all connections.</summary>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static void Configure(KestrelServerOptions kestrel, int port, BitsTestServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
