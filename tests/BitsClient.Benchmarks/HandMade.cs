using System.Globalization;
using System.Net.Http.Headers;

namespace BitsClient.Benchmarks;

/// <summary>The packets of BITS, written with an <see cref="HttpClient"/> and nothing else: no retries, no checks, no progress.</summary>
internal static class HandMade
{
    private const string Protocol = "{7df0354d-249b-430f-820d-3d2a9bef4931}";
    private static readonly HttpMethod Verb = new("BITS_POST");

    public static async Task<string> OpenAsync(HttpClient http, Uri url)
    {
        using HttpRequestMessage request = new(Verb, url) { Content = new ByteArrayContent([]) };
        request.Headers.Add("BITS-Packet-Type", "Create-Session");
        request.Headers.Add("BITS-Supported-Protocols", Protocol);
        using HttpResponseMessage response = await http.SendAsync(request);
        return Checked(response).Headers.GetValues("BITS-Session-Id").Single();
    }

    /// <summary>Sends a fragment.</summary>
    /// <returns>The offset that the server acknowledges.</returns>
    public static async Task<long> SendAsync(HttpClient http, Uri url, string session, HttpContent content, ContentRangeHeaderValue range)
    {
        content.Headers.ContentRange = range;
        using HttpRequestMessage request = new(Verb, url) { Content = content };
        request.Headers.Add("BITS-Packet-Type", "Fragment");
        request.Headers.Add("BITS-Session-Id", session);
        using HttpResponseMessage response = await http.SendAsync(request);
        return long.Parse(
            Checked(response).Headers.GetValues("BITS-Received-Content-Range").Single(), NumberStyles.None, CultureInfo.InvariantCulture);
    }

    public static async Task CloseAsync(HttpClient http, Uri url, string session)
    {
        using HttpRequestMessage request = new(Verb, url) { Content = new ByteArrayContent([]) };
        request.Headers.Add("BITS-Packet-Type", "Close-Session");
        request.Headers.Add("BITS-Session-Id", session);
        using HttpResponseMessage response = await http.SendAsync(request);
        Checked(response);
    }

    private static HttpResponseMessage Checked(HttpResponseMessage response) =>
        response.EnsureSuccessStatusCode().Headers.GetValues("BITS-Packet-Type").Single() == "Ack"
            ? response
            : throw new InvalidOperationException("The server did not acknowledge the packet.");
}
