using System.Net.Sockets;
using BitsClient.Testing.Exchanges;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace BitsClient.Testing.Hosting;

/// <summary>A request that Kestrel received.</summary>
internal sealed class KestrelRequest : ServerRequest
{
    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(5);

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

    public override object Connection => _context.Connection.Id;

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
            await SendEndlessBodyAsync(response).ConfigureAwait(false);
            return;
        }

        if (answer.Stops.Count > 0)
        {
            // Sends the headers now: the first byte of the body may have to wait.
            await response.Body.FlushAsync(Aborted).ConfigureAwait(false);
        }

        using var body = new AnswerBody(answer.Body, answer.Stops);
        await body.CopyToAsync(response.Body, Aborted).ConfigureAwait(false);
        await response.CompleteAsync().ConfigureAwait(false);
        Aborted.ThrowIfCancellationRequested();
    }

    public override async Task HangUpAsync(Exception? reason)
    {
        if (ClosesGracefully)
        {
            await CloseGracefullyAsync().ConfigureAwait(false);
        }

        // If an answer is shorter than its Content-Length, Kestrel itself closes the connection after the bytes that were written.
        if (!_context.Response.HasStarted)
        {
            _context.Abort();
        }
    }

    /// <summary>Ends one direction of the connection, and waits until the client has ended the other, so that it is not reset.</summary>
    private async Task CloseGracefullyAsync()
    {
        if (_context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.Shutdown(SocketShutdown.Send);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Aborted);
            limit.CancelAfter(ClosingLimit);
            await Task.Delay(Timeout.InfiniteTimeSpan, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns when the client disconnects.</summary>
    private async Task SendEndlessBodyAsync(HttpResponse response)
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

    /// <summary>Asks the socket, because Kestrel reports a closed connection with a delay.</summary>
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
