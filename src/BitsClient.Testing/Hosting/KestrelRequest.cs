using System.Net.Sockets;
using BitsClient.Testing.Exchanges;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace BitsClient.Testing.Hosting;

internal sealed class KestrelRequest : ServerRequest
{
    private readonly HttpContext _context;

    public KestrelRequest(HttpContext context, Uri baseAddress)
    {
        _context = context;
        Method = context.Request.Method;
        ContentLength = context.Request.ContentLength;
        Aborted = context.RequestAborted;
        Host = baseAddress.ToString();
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        string authority = context.Request.Host.HasValue ? context.Request.Host.Value! : baseAddress.Authority;
        Url = new Uri(target.StartsWith('/') ? $"http://{authority}{target}" : target, UriKind.Absolute);
        Headers = [.. context.Request.Headers.SelectMany(header => header.Value.Select(value => new BitsHeader(header.Key, value ?? "")))];
    }

    public override string Host { get; }

    public override string Method { get; }

    public override Uri Url { get; }

    public override IReadOnlyList<BitsHeader> Headers { get; }

    public override long? ContentLength { get; }

    public override CancellationToken Aborted { get; }

    public override bool ClientIsGone => Aborted.IsCancellationRequested || PeerHasClosed();

    public override Task CopyBodyAsync(Stream sink) => _context.Request.Body.CopyToAsync(sink, Aborted);

    public override async Task AnswerAsync(ServerAnswer answer)
    {
        HttpResponse response = _context.Response;
        response.StatusCode = answer.Status;
        foreach (BitsHeader header in answer.Headers)
        {
            response.Headers.Append(header.Name, header.Value);
        }

        if (answer.Endless)
        {
            await SendForEverAsync(response).ConfigureAwait(false);
            return;
        }

        if (answer.Stops.Count > 0)
        {
            // The headers don't wait for the first piece of the body.
            await response.Body.FlushAsync(Aborted).ConfigureAwait(false);
        }

        using var body = new AnswerBody(answer.Body, answer.Stops);
        await body.CopyToAsync(response.Body, Aborted).ConfigureAwait(false);
        await response.CompleteAsync().ConfigureAwait(false);
        Aborted.ThrowIfCancellationRequested();
    }

    public override void HangUp(Exception? reason)
    {
        // Where an answer falls short of its length, Kestrel closes the connection itself, after the bytes that were written.
        if (!_context.Response.HasStarted)
        {
            _context.Abort();
        }
    }

    /// <summary>Returns when the client has had enough.</summary>
    private async Task SendForEverAsync(HttpResponse response)
    {
        try
        {
            using var body = new EndlessStream();
            await body.CopyToAsync(response.Body, Aborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _context.Abort();
        }
    }

    /// <summary>Kestrel hears of a closed connection a little late, the socket knows at once.</summary>
    private bool PeerHasClosed()
    {
        if (_context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            return false;
        }

        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
