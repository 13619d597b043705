namespace BitsClient.Machine;

/// <summary>What to do about a failure.</summary>
internal enum Remedy
{
    /// <summary>Nothing helps: the caller gets the failure.</summary>
    Stop,

    /// <summary>The same again after a delay, from where the server is.</summary>
    Retry,

    /// <summary>The same again at once: the caller's hook may have better credentials now.</summary>
    Authenticate,

    /// <summary>Smaller fragments, at once; after a delay if there was no answer.</summary>
    Shrink,

    /// <summary>Create-Session again and from the first byte on.</summary>
    NewSession,

    /// <summary>On without it: the session was to be thrown away all the same. It may stay on the server.</summary>
    Ignore,
}
