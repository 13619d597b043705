namespace BitsClient.Testing.Engine;

/// <summary>The point at which a gate holds a packet.</summary>
internal enum GateStage
{
    /// <summary>Before the packet is handled.</summary>
    Request,

    /// <summary>In the middle of the body.</summary>
    Body,

    /// <summary>After the packet is handled and before it is answered.</summary>
    Ack,
}
