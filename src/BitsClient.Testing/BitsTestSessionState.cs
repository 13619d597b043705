namespace BitsClient.Testing;

/// <summary>The states of a session on the server.</summary>
public enum BitsTestSessionState
{
    /// <summary>Takes packets.</summary>
    Open,

    /// <summary>Ended by Close-Session.</summary>
    Closed,

    /// <summary>Ended by Cancel-Session.</summary>
    Canceled,

    /// <summary>Forgotten by the server, as after a time-out.</summary>
    Lost,
}
