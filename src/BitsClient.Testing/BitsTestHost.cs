using System.Net;
using BitsClient.Testing.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace BitsClient.Testing;

/// <summary>
/// Serves a <see cref="BitsTestServer"/> with Kestrel over HTTP/1.1, on the loopback address only. Logs nothing, reads no configuration.
/// Disposing aborts what is still open and leaves the server itself as it is. Thread-safe.
/// </summary>
public sealed class BitsTestHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private BitsTestHost(WebApplication application) => _application = application;

    /// <summary>The root URL, as in <c>http://127.0.0.1:50123/</c>.</summary>
    public Uri BaseAddress => new(_application.Urls.Single());

    /// <summary>Starts listening.</summary>
    /// <param name="server">The server to reach.</param>
    /// <param name="port">The TCP port; 0 for any free one.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
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
