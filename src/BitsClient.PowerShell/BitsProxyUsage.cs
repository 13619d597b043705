namespace BitsClient.PowerShell;

/// <summary>Which proxy is used.</summary>
public enum BitsProxyUsage
{
    /// <summary>That of the system: on Windows, the proxy of the user; elsewhere, that of the environment variables.</summary>
    SystemDefault,

    /// <summary>None.</summary>
    NoProxy,

    /// <summary>That of <c>-ProxyList</c>.</summary>
    Override,
}
