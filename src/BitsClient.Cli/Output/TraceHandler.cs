using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace BitsClient.Cli.Output;

/// <summary>
/// Writes every request (<c>&gt;</c>) and its answer (<c>&lt;</c>) to a trace, with secrets masked and bodies replaced by their size.
/// </summary>
internal sealed class TraceHandler(TextWriter trace, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Mask = "***";

    private static readonly string[] SecretNames = ["authorization", "cookie", "key", "token", "secret", "password"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await trace.WriteLineAsync(Write(request));
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            await trace.WriteLineAsync(Write(response));
            return response;
        }
        catch (Exception e)
        {
            await trace.WriteLineAsync(cancellationToken.IsCancellationRequested ? "< abandoned" : $"< no answer: {OneLine.Of(e.Message)}");
            throw;
        }
    }

    // Each message is written as one string, so that the messages of two threads do not mix.
    private static string Write(HttpRequestMessage request)
    {
        Uri url = request.RequestUri!;
        long length = request.Content?.Headers.ContentLength ?? 0;
        string query = url.Query.Length > 0 ? "?" + Mask : "";
        StringBuilder text = new();
        Line(text, '>', $"{request.Method} {url.AbsolutePath}{query} HTTP/{request.Version}");
        Line(text, '>', $"Host: {url.Authority}");
        Headers(text, '>', request.Headers);
        if (request.Content is { } content)
        {
            Headers(text, '>', content.Headers);
        }
        else
        {
            Line(text, '>', "Content-Length: 0");
        }

        return text.Append(CultureInfo.InvariantCulture, $"> [{length} bytes]").ToString();
    }

    private static string Write(HttpResponseMessage response)
    {
        StringBuilder text = new();
        Line(text, '<', $"HTTP/{response.Version} {(int)response.StatusCode} {response.ReasonPhrase}");
        Headers(text, '<', response.Headers);
        Headers(text, '<', response.Content.Headers);
        return text.ToString().TrimEnd();
    }

    private static void Headers(StringBuilder text, char direction, HttpHeaders headers)
    {
        foreach ((string name, HeaderStringValues values) in headers.NonValidated)
        {
            // A secret that the library withholds from a server has an empty value.
            string value = values.ToString();
            bool isSecret = value.Length > 0 && SecretNames.Any(secret => name.Contains(secret, StringComparison.OrdinalIgnoreCase));
            Line(text, direction, $"{name}: {(isSecret ? Mask : MaskUrl(value))}");
        }
    }

    // A URL in a header (Location, BITS-Reply-URL) can contain a signature in its query, or a user name and password.
    private static string MaskUrl(string value)
    {
        string masked = value.IndexOf('?', StringComparison.Ordinal) is >= 0 and int query ? value[..query] + "?" + Mask : value;
        int user = masked.IndexOf("//", StringComparison.Ordinal) + 2;
        return user > 1 && masked.IndexOf('@', user) is > 0 and int host ? masked[..user] + Mask + masked[host..] : masked;
    }

    private static void Line(StringBuilder text, char direction, string line) =>
        text.Append(direction).Append(' ').AppendLine(OneLine.Of(line));
}
