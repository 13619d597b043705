namespace BitsClient.Machine;

/// <summary>The host a server named for a session.</summary>
/// <param name="Id">Its name as the server spelt it.</param>
/// <param name="Target">The destination on that host.</param>
/// <param name="Fallback">How long it may be out of reach before the packets go to the URL's own host; null for ever.</param>
internal sealed record SessionHost(string Id, Uri Target, TimeSpan? Fallback);
