namespace BitsClient.Queue;

/// <summary>The database of the queue cannot be used, or does not have what was asked for.</summary>
public sealed class BitsQueueException : Exception
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="innerException">What the database said. Default null.</param>
    /// <param name="isTransient">Whether the same may succeed later. Default false.</param>
    public BitsQueueException(string message, Exception? innerException = null, bool isTransient = false)
        : base(message, innerException) => IsTransient = isTransient;

    /// <summary>Whether the same may succeed later, for example because the database is away or busy.</summary>
    public bool IsTransient { get; }
}
