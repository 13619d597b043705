using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>Packet out, ack in: the only place that touches <see cref="HttpClient"/>. Thread-safe.</summary>
internal sealed class BitsChannel(HttpClient httpClient, BitsUploadOptions options, TimeProvider time)
{
    private static readonly string OwnUserAgent = $"BitsClient/{typeof(BitsChannel).Assembly.GetName().Version!.ToString(3)}";

    private readonly WireStyle _style = new(options.OverrideVerb, options.ProtocolId);

    /// <summary>Sends one packet once and reads its answer, whatever it says.</summary>
    /// <param name="packet">What to say.</param>
    /// <param name="target">Where to.</param>
    /// <param name="content">A fragment's bytes; null for every other packet.</param>
    /// <param name="lastStatus">What the last packet was answered with, for the caller's hook.</param>
    /// <param name="leaving">Is called when the request is ready, right before it is given to the handler, and may throw to keep it back.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or the client's own <see cref="HttpClient.Timeout"/> struck.</exception>
    public async Task<BitsAck> SendAsync(
        BitsPacket packet, Uri target, HttpContent? content, HttpStatusCode? lastStatus, Action leaving, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(packet, target, content, _style);

        // Disposed of without draining: an answer has no body, and one server's error never ends.
        using HttpResponseMessage response = await SendAsync(request, packet.Type, lastStatus, leaving, cancellationToken).ConfigureAwait(false);
        return Read(response, request, target);
    }

    /// <summary>Asks once for a reply, or for the rest of it, and takes what comes.</summary>
    /// <param name="packet">Where it is.</param>
    /// <param name="reply">Where it goes.</param>
    /// <param name="lastStatus">What the last packet was answered with, for the caller's hook.</param>
    /// <param name="leaving">Is called when the request is ready, right before it is given to the handler, and may throw to keep it back.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or the client's own <see cref="HttpClient.Timeout"/> struck.</exception>
    /// <exception cref="BitsUploadException">The reply is no good, or could not be written.</exception>
    public async Task<BitsAck> DownloadAsync(
        BitsPacket.GetReply packet, ReplyDownload reply, HttpStatusCode? lastStatus, Action leaving, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = reply.Request();
        bool asksForRest = request.Headers.Range is not null;
        using HttpResponseMessage response = await SendAsync(request, packet.Type, lastStatus, leaving, cancellationToken).ConfigureAwait(false);
        BitsAck answer = Read(response, request, packet.Url);
        switch (answer)
        {
            case { IsReply: true }:
                await reply.ReceiveAsync(response, cancellationToken).ConfigureAwait(false);
                break;
            case { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable } when asksForRest:
                reply.RefuseRange();
                break;
        }

        return answer;
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, BitsPacketType type, HttpStatusCode? lastStatus, Action leaving, CancellationToken cancellationToken)
    {
        if (httpClient.DefaultRequestHeaders.UserAgent.Count == 0)
        {
            request.Headers.TryAddWithoutValidation(BitsHeaderNames.UserAgent, OwnUserAgent);
        }

        if (options.PrepareRequest is { } prepare)
        {
            // A hook that does not listen to the token must not hold up the end of the request.
            await prepare(new BitsRequestContext(request, type, lastStatus), cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        leaving();
        return await httpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    // A handler that follows redirects leaves its trace in the request.
    private BitsAck Read(HttpResponseMessage response, HttpRequestMessage request, Uri target)
    {
        BitsAck ack = BitsAckReader.Read(response, time.GetUtcNow());
        return request.RequestUri == target ? ack : ack with { RedirectedTo = request.RequestUri };
    }
}
