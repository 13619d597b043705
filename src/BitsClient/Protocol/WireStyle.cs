namespace BitsClient.Protocol;

/// <summary>How packets are spelt for servers and proxies that want them otherwise.</summary>
/// <param name="OverridesVerb">POST with X-Http-Method-Override instead of the verb itself.</param>
/// <param name="ProtocolId">The protocol's GUID as Create-Session spells it.</param>
internal sealed record WireStyle(bool OverridesVerb, string ProtocolId)
{
    public static WireStyle Standard { get; } = new(OverridesVerb: false, BitsHeaderNames.UploadProtocol);
}
