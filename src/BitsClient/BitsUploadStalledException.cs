namespace BitsClient;

/// <summary>
/// The upload kept failing and made no progress for <see cref="BitsUploadOptions.NoProgressTimeout"/>. The last failure is the inner
/// exception.
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

    /// <summary>Always true, because only transient failures are retried for that long. Setting it has no effect.</summary>
    public override bool IsTransient => true;
}
