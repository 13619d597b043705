namespace BitsClient.Protocol;

/// <summary>The server that a URL names: scheme, host and port. Path, query and user info do not count.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Host">The canonical host: in lower case, and in ASCII.</param>
/// <param name="Port">The port, also if it is the scheme's default.</param>
internal readonly record struct BitsOrigin(string Scheme, string Host, int Port)
{
    public static BitsOrigin Of(Uri url) => new(url.Scheme, url.IdnHost, url.Port);
}
