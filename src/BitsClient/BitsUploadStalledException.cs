namespace BitsClient;

/// <summary>
/// The upload made no progress for <see cref="BitsUploadOptions.NoProgressTimeout"/>. The inner exception is the last failure; null if
/// nothing failed, and the upload only waited for a connection, the rate limiter or a slow reply.
/// </summary>
public sealed class BitsUploadStalledException : BitsUploadException
{
    /// <summary>Initializes the exception, for tests of code that handles it.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="innerException">The last failure; null for none.</param>
    public BitsUploadStalledException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Reason = BitsFailureReason.NoProgress;
    }

    /// <summary>Always true, because the same upload may succeed later. Setting it has no effect.</summary>
    public override bool IsTransient => true;
}
