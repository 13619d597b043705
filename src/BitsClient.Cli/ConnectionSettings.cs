using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace BitsClient.Cli;

/// <summary>How to connect to a server, as the user specified it.</summary>
internal sealed record ConnectionSettings
{
    /// <summary>The origins that may receive secrets. Of each URL, only scheme, host and port count.</summary>
    public IReadOnlyList<Uri> Origins { get; init; } = [];

    /// <summary>The user and the password for the origins, if they ask for them; null for none.</summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>The certificates that sign those of servers, instead of those that the system trusts; null for the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The client certificate for the hosts of the origins; null for none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether any certificate of a server is accepted.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>The proxy; null for that of the system.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The user and the password for the proxy; null for none.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Whether a host that is not found is tried as often as any other failure.</summary>
    public bool RetriesUnknownHost { get; init; }

    /// <summary>Puts a handler that shows all packets around another one; null for none.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler>? Show { get; init; }
}
