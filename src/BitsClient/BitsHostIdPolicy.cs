using System.ComponentModel;
using System.Globalization;

namespace BitsClient;

/// <summary>
/// What an upload does when the server names another host for the rest of the session (BITS-Host-Id), as the servers of a farm do. Scheme
/// and path always remain those of the destination. Immutable and thread-safe.
/// </summary>
[TypeConverter(typeof(FromText))]
public sealed class BitsHostIdPolicy
{
    private readonly Func<string, bool>? _accepts;

    private BitsHostIdPolicy(Func<string, bool>? accepts = null) => _accepts = accepts;

    /// <summary>Sends packets to the host that the server names.</summary>
    public static BitsHostIdPolicy Follow { get; } = new();

    /// <summary>
    /// Sends all packets to the host of the URL, whichever host the server names. A server farm that needs the other host then does not
    /// know the session.
    /// </summary>
    public static BitsHostIdPolicy Ignore { get; } = new();

    /// <summary>
    /// Sends packets to the host that the server names if it is accepted; otherwise, the upload fails with a
    /// <see cref="BitsProtocolException"/>.
    /// </summary>
    /// <param name="accepts">
    /// Receives the host in lower case, an address in its usual notation, with the port if the server named one: node7, node7:8080,
    /// 192.0.2.7, [2001:db8::1]:8080. Called on any thread. An exception from it, or no answer within
    /// <see cref="BitsUploadOptions.ResponseTimeout"/>, means that the host is not accepted.
    /// </param>
    /// <returns>The policy.</returns>
    public static BitsHostIdPolicy FollowIf(Func<string, bool> accepts)
    {
        ArgumentNullException.ThrowIfNull(accepts);
        return new BitsHostIdPolicy(accepts);
    }

    /// <summary>The caller decides, in code that may block.</summary>
    internal bool AsksCaller => _accepts is not null;

    /// <summary>Why a host is not accepted, as the end of a sentence; null if it is accepted.</summary>
    /// <param name="host">The canonical host.</param>
    internal string? Objection(string host)
    {
        try
        {
            return _accepts?.Invoke(host) is false ? $"the {nameof(BitsUploadOptions.HostIdPolicy)} does not accept it." : null;
        }
        catch (Exception e)
        {
            // The session is already open, and must not be lost because of this.
            return $"the {nameof(BitsUploadOptions.HostIdPolicy)} failed: {e.Message}";
        }
    }

    /// <summary>Reads a policy from a configuration, by its name.</summary>
    private sealed class FromText : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            (value as string)?.ToUpperInvariant() switch
            {
                "FOLLOW" => Follow,
                "IGNORE" => Ignore,
                _ => throw new FormatException($"The host id policy is '{value}'; it must be {nameof(Follow)} or {nameof(Ignore)}."),
            };
    }
}
