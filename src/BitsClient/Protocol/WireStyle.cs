namespace BitsClient.Protocol;

/// <summary>How packets are written, for servers and proxies that need variations.</summary>
/// <param name="OverridesVerb">Whether to send POST with X-Http-Method-Override instead of the verb BITS_POST.</param>
/// <param name="ProtocolId">How Create-Session spells the protocol's GUID.</param>
internal sealed record WireStyle(bool OverridesVerb, string ProtocolId);
