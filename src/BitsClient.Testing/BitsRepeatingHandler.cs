using System.Net.Http.Headers;

namespace BitsClient.Testing;

/// <summary>
/// Sends each packet of one type twice, as a handler that retries, hedges or authenticates does, and returns the second answer. Put it
/// between a client and <see cref="BitsTestServer.CreateHandler"/>, or a handler with sockets, to see what that does to an upload.
/// Thread-safe, once it has its <see cref="DelegatingHandler.InnerHandler"/>.
/// </summary>
/// <param name="packetType">One of <see cref="BitsPacketNames"/>, except <see cref="BitsPacketNames.ReplyDownload"/>.</param>
public sealed class BitsRepeatingHandler(string packetType) : DelegatingHandler
{
    /// <summary>
    /// The authentication scheme of the second request, as if the first one had been challenged, for example <c>Digest</c>. Default: null,
    /// the second request equals the first.
    /// </summary>
    public string? Scheme { get; init; }

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!request.Headers.NonValidated.TryGetValues("BITS-Packet-Type", out HeaderStringValues type) || type.ToString() != packetType)
        {
            return response;
        }

        if (Scheme is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(Scheme, "test");
        }

        response.Dispose();
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
