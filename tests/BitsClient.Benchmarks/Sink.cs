using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace BitsClient.Benchmarks;

/// <summary>
/// A server that reads and discards. It believes every offset that it is told, so it keeps no state. It understands BITS, PUT, PATCH, the
/// resumable uploads of Google, and, on a second port, bare TCP.
/// </summary>
internal static class Sink
{
    /// <summary>Serves until stdin ends. The first line of the output has the two ports.</summary>
    /// <param name="limit">The maximum size of a BITS packet, in bytes; null if there is none.</param>
    public static async Task RunAsync(long? limit)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        await using WebApplication application = builder.Build();
        application.Run(context => AnswerAsync(context, limit));
        await application.StartAsync();

        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        _ = AcceptAsync(listener);

        Console.WriteLine($"{new Uri(application.Urls.Single()).Port} {((IPEndPoint)listener.LocalEndpoint).Port}");
        await Console.OpenStandardInput().CopyToAsync(Stream.Null);
    }

    private static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static Task AnswerAsync(HttpContext context, long? limit) => context.Request.Method switch
    {
        "BITS_POST" => AnswerBitsAsync(context, limit),
        "PUT" => AnswerPutAsync(context),
        "PATCH" => AnswerPatchAsync(context),
        "POST" => AnswerPostAsync(context),
        _ => Task.CompletedTask,
    };

    private static async Task AnswerBitsAsync(HttpContext context, long? limit)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = limit;
        await DiscardAsync(context.Request);
        context.Response.ContentLength = 0;
        IHeaderDictionary answer = context.Response.Headers;
        answer["BITS-Packet-Type"] = "Ack";
        if (context.Request.Headers["BITS-Packet-Type"] == "Create-Session")
        {
            answer["BITS-Session-Id"] = Guid.NewGuid().ToString("B");
            answer["BITS-Protocol"] = context.Request.Headers["BITS-Supported-Protocols"];
        }
        else
        {
            answer["BITS-Session-Id"] = context.Request.Headers["BITS-Session-Id"];
        }

        if (RangeOf(context.Request) is { } range)
        {
            answer["BITS-Received-Content-Range"] = Invariant(range.To!.Value + 1);
        }
    }

    private static async Task AnswerPutAsync(HttpContext context)
    {
        await DiscardAsync(context.Request);
        context.Response.ContentLength = 0;
        if (RangeOf(context.Request) is { } range && range.To + 1 < range.Length)
        {
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Range = $"bytes=0-{Invariant(range.To!.Value)}";
        }
    }

    private static async Task AnswerPatchAsync(HttpContext context)
    {
        await DiscardAsync(context.Request);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        long offset = long.Parse(context.Request.Headers["Upload-Offset"].ToString(), CultureInfo.InvariantCulture);
        context.Response.Headers["Upload-Offset"] = Invariant(offset + context.Request.ContentLength!.Value);
    }

    // Where the pieces of a resumable upload go: to the same URL.
    private static async Task AnswerPostAsync(HttpContext context)
    {
        await DiscardAsync(context.Request);
        context.Response.ContentLength = 0;
        context.Response.Headers.Location = $"http://{context.Request.Host}{context.Request.Path}";
    }

    private static ContentRangeHeaderValue? RangeOf(HttpRequest request) =>
        ContentRangeHeaderValue.TryParse(request.Headers.ContentRange, out ContentRangeHeaderValue? range) ? range : null;

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static async Task DiscardAsync(HttpRequest request)
    {
        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync();
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            _ = DiscardAsync(await listener.AcceptSocketAsync());
        }
    }

    // The client sees the end of the connection when everything has been read.
    private static async Task DiscardAsync(Socket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[256 * 1024];
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
    }
}
