using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using BitsClient.Cli.Output;

namespace BitsClient.PowerShell.Output;

/// <summary>Writes one line for each request and its answer, without secrets.</summary>
internal sealed class PacketTrace(Action<string> write, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string packet = TextOf(request);
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            string time = clock.ElapsedMilliseconds.ToString(CultureInfo.InvariantCulture);
            write($"{packet} -> {(int)response.StatusCode}{TextOf(response)} ({time} ms)");
            return response;
        }
        catch (Exception e)
        {
            write($"{packet} -> {(cancellationToken.IsCancellationRequested ? "abandoned" : e.Message)}");
            throw;
        }
    }

    private static string TextOf(HttpRequestMessage request)
    {
        string packet = ValueOf(request.Headers, "BITS-Packet-Type") ?? request.Method.Method;
        string range = request.Content?.Headers.ContentRange is { } content ? $" {content}" : "";
        return $"{packet}{range} {ShownUrl.Of(request.RequestUri!)}";
    }

    private static string TextOf(HttpResponseMessage response)
    {
        string received = ValueOf(response.Headers, "BITS-Received-Content-Range") is { } offset ? $", {offset} bytes received" : "";
        string error = ValueOf(response.Headers, "BITS-Error-Code") is { } code ? $", error {code}" : "";
        return received + error;
    }

    private static string? ValueOf(HttpHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;
}
