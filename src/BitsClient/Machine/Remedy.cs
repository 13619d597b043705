namespace BitsClient.Machine;

/// <summary>How an upload continues after a failure.</summary>
internal enum Remedy
{
    /// <summary>It does not: the caller gets the failure.</summary>
    Stop,

    /// <summary>Retry after a delay, from the server's offset.</summary>
    Retry,

    /// <summary>Retry at once, because the caller's hook may provide better credentials.</summary>
    Authenticate,

    /// <summary>Continue with smaller fragments: at once, or after a delay if there was no answer.</summary>
    Shrink,

    /// <summary>Continue with smaller fragments at once: nothing of the one that was refused was sent.</summary>
    ShrinkAtOnce,

    /// <summary>Continue with the same bytes, without asking first whether they are too many.</summary>
    AskNoMore,

    /// <summary>Continue without the Ping.</summary>
    SkipPing,

    /// <summary>Continue without having found out whether the server keeps offsets.</summary>
    SkipProbe,

    /// <summary>
    /// Start over at the first byte in a new session; after a delay if the failure was transient. The old one is canceled first, unless the
    /// server said that it is gone.
    /// </summary>
    NewSession,

    /// <summary>Continue without the session, which is discarded anyway. It may stay on the server.</summary>
    Ignore,
}
