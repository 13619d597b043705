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
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or the client's own <see cref="HttpClient.Timeout"/> struck.</exception>
    public async Task<BitsAck> SendAsync(
        BitsPacket packet, Uri target, HttpContent? content, HttpStatusCode? lastStatus, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(packet, target, content, _style);
        if (httpClient.DefaultRequestHeaders.UserAgent.Count == 0)
        {
            request.Headers.TryAddWithoutValidation(BitsHeaderNames.UserAgent, OwnUserAgent);
        }

        if (options.PrepareRequest is { } prepare)
        {
            await prepare(new BitsRequestContext(request, packet.Type, lastStatus), cancellationToken).ConfigureAwait(false);
        }

        // Disposed of without draining: an answer has no body, and one server's error never ends.
        using HttpResponseMessage response = await httpClient
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        BitsAck ack = BitsAckReader.Read(response, time.GetUtcNow());

        // A handler that follows redirects leaves its trace in the request.
        return request.RequestUri == target ? ack : ack with { RedirectedTo = request.RequestUri };
    }
}
