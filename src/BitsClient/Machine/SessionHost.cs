namespace BitsClient.Machine;

/// <summary>The host that a server named for a session. Immutable.</summary>
/// <param name="Id">The host as the server spelled it.</param>
/// <param name="Target">The destination on that host.</param>
/// <param name="Fallback">How long the host may be unreachable before packets go to the URL's own host; null for no limit.</param>
internal sealed record SessionHost(string Id, Uri Target, TimeSpan? Fallback);
