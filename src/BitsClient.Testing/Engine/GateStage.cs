namespace BitsClient.Testing.Engine;

/// <summary>Where a gate stands.</summary>
internal enum GateStage
{
    /// <summary>Before the packet is handled.</summary>
    Request,

    /// <summary>Within the body.</summary>
    Body,

    /// <summary>After the packet was handled, before it is answered.</summary>
    Ack,
}
