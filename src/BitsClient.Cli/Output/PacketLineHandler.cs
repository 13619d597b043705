using System.Globalization;
using System.Net.Http.Headers;

namespace BitsClient.Cli.Output;

/// <summary>
/// Writes one line for each packet and its answer (--verbose), for example
/// <c>Fragment 0-1023/4096 to http://server/a.zip: 200 OK (12 ms)</c>.
/// </summary>
internal sealed class PacketLineHandler(TextWriter writer, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string packet = PacketOf(request);
        long start = time.GetTimestamp();
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            Write(packet, $"{(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd(), start);
            return response;
        }
        catch (Exception e)
        {
            Write(packet, cancellationToken.IsCancellationRequested ? "abandoned" : $"no answer: {e.GetBaseException().Message}", start);
            throw;
        }
    }

    // The download of a reply is no packet.
    private static string PacketOf(HttpRequestMessage request)
    {
        string type = Header(request.Headers, "BITS-Packet-Type") ?? request.Method.Method;
        string? range = request.Content is { } content ? Header(content.Headers, "Content-Range") : null;
        string bytes = range is null ? "" : range.Replace("bytes", "", StringComparison.OrdinalIgnoreCase);
        return $"{type}{bytes} to {ShownUrl.Of(request.RequestUri!)}";
    }

    private static string? Header(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;

    private void Write(string packet, string answer, long start)
    {
        double elapsed = time.GetElapsedTime(start).TotalMilliseconds;
        writer.WriteLine(OneLine.Of(string.Create(CultureInfo.InvariantCulture, $"{packet}: {answer} ({elapsed:0} ms)")));
    }
}
