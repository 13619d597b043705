namespace BitsClient;

/// <summary>
/// What an upload does when the server names another host for the rest of the session (BITS-Host-Id), as the servers of a farm do. The scheme and the
/// path stay those of the destination in any case.
/// </summary>
public sealed class BitsHostIdPolicy
{
    private readonly Func<string, bool>? _accepts;

    private BitsHostIdPolicy(Func<string, bool>? accepts = null) => _accepts = accepts;

    /// <summary>The packets go to the host the server names.</summary>
    public static BitsHostIdPolicy Follow { get; } = new();

    /// <summary>The packets stay with the URL's own host, whatever the server names. A farm that needs the other host then does not know the session.</summary>
    public static BitsHostIdPolicy Ignore { get; } = new();

    /// <summary>The packets go to the host the server names if it is accepted; if not, the upload fails with a <see cref="BitsProtocolException"/>.</summary>
    /// <param name="accepts">
    /// Is asked with the host as the server spelt it, with the port if it named one: node7, node7:8080, [2001:db8::1]:8080. What it throws counts as a no.
    /// </param>
    /// <returns>The policy.</returns>
    public static BitsHostIdPolicy FollowIf(Func<string, bool> accepts)
    {
        ArgumentNullException.ThrowIfNull(accepts);
        return new BitsHostIdPolicy(accepts);
    }

    /// <summary>What speaks against a host, as the end of a sentence; null if nothing does.</summary>
    internal string? Objection(string hostId)
    {
        try
        {
            return _accepts?.Invoke(hostId) is false ? $"the {nameof(BitsUploadOptions.HostIdPolicy)} does not accept it." : null;
        }
        catch (Exception e)
        {
            // A session is open by now, and must not get lost by it.
            return $"the {nameof(BitsUploadOptions.HostIdPolicy)} failed: {e.Message}";
        }
    }
}
