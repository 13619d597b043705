using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>Packet out, ack in: the only place that touches <see cref="HttpClient"/>. Thread-safe.</summary>
internal sealed class BitsChannel(HttpClient httpClient)
{
    private static readonly string OwnUserAgent = $"BitsClient/{typeof(BitsChannel).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>Sends one packet once and reads its answer, whatever it says.</summary>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or the client's own <see cref="HttpClient.Timeout"/> struck.</exception>
    public async Task<BitsAck> SendAsync(BitsPacket packet, Uri target, HttpContent? content, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = BitsPacketWriter.Write(packet, target, content);
        if (httpClient.DefaultRequestHeaders.UserAgent.Count == 0)
        {
            request.Headers.TryAddWithoutValidation(BitsHeaderNames.UserAgent, OwnUserAgent);
        }

        // Disposed of without draining: an answer has no body, and one server's error never ends.
        using HttpResponseMessage response = await httpClient
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        return BitsAckReader.Read(response);
    }
}
