using System.Net.Http.Headers;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>
/// A request to an origin that is not trusted: it contains the headers of the packet, and nothing that the application adds to them.
/// </summary>
/// <param name="message">The request as it is before the caller's hook.</param>
internal sealed class UntrustedOrigin(HttpRequestMessage message)
{
    // What these say is about the connection and the client program.
    private static readonly HashSet<string> HarmlessNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Date", "Expect", "Keep-Alive",
        "Pragma", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", BitsHeaderNames.UserAgent,
    };

    private readonly HashSet<string> _names = new(NamesOf(message.Headers), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _contentNames = new(NamesOf(message.Content?.Headers), StringComparer.OrdinalIgnoreCase);

    /// <summary>Removes what the hook has added, and withholds the default headers of the <see cref="HttpClient"/>.</summary>
    public void Withhold(HttpRequestHeaders defaults)
    {
        foreach (string name in NamesOf(message.Headers).Where(name => !_names.Contains(name)).ToList())
        {
            message.Headers.Remove(name);
        }

        foreach (string name in NamesOf(message.Content?.Headers).Where(name => !_contentNames.Contains(name)).ToList())
        {
            message.Content!.Headers.Remove(name);
        }

        // HttpClient adds each default header that the message does not have. There is no other way to prevent that.
        foreach (string name in NamesOf(defaults).Where(IsOfApplication))
        {
            bool isHost = name.Equals(BitsHeaderNames.Host, StringComparison.OrdinalIgnoreCase);
            message.Headers.TryAddWithoutValidation(name, isHost ? Authority(message.RequestUri!) : "");
        }
    }

    private static string Authority(Uri target)
    {
        string host = target.HostNameType is UriHostNameType.IPv6 ? target.Host : target.IdnHost;
        return target.IsDefaultPort ? host : FormattableString.Invariant($"{host}:{target.Port}");
    }

    private static IEnumerable<string> NamesOf(HttpHeaders? headers) => headers?.NonValidated.Select(header => header.Key) ?? [];

    private bool IsOfApplication(string name) => !_names.Contains(name) && !HarmlessNames.Contains(name);
}
