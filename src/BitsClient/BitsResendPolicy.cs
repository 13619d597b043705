namespace BitsClient;

/// <summary>What happens after a fragment failed in a way that leaves open how much of it the server has.</summary>
public enum BitsResendPolicy
{
    /// <summary>
    /// A small fragment is sent from the last known offset, and its ack tells where the server is. Right for every server that keeps to the protocol.
    /// </summary>
    Resynchronize,

    /// <summary>The session is canceled and another begins at the first byte. For servers that append bytes which are sent again.</summary>
    NewSession,
}
