namespace BitsClient.Queue;

/// <summary>
/// The order of uploads that are due, in the terms of BITS. Of the same priority, the one that was enqueued first is first.
/// </summary>
public enum BitsUploadPriority
{
    /// <summary>After all others.</summary>
    Low,

    /// <summary>After those of a high priority.</summary>
    Normal,

    /// <summary>Before those of a normal priority.</summary>
    High,

    /// <summary>Before all others.</summary>
    Foreground,
}
