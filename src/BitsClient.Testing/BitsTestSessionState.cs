namespace BitsClient.Testing;

/// <summary>The states of a session on the server.</summary>
public enum BitsTestSessionState
{
    /// <summary>The session accepts packets.</summary>
    Open,

    /// <summary>Close-Session ended the session.</summary>
    Closed,

    /// <summary>Cancel-Session ended the session.</summary>
    Canceled,

    /// <summary>The server dropped the session, as if it had expired.</summary>
    Lost,
}
