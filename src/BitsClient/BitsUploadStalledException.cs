namespace BitsClient;

/// <summary>
/// The upload failed again and again and got no further for <see cref="BitsUploadOptions.NoProgressTimeout"/>. The last failure is the inner exception.
/// </summary>
public sealed class BitsUploadStalledException : BitsUploadException
{
    internal BitsUploadStalledException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Always true: what failed until now passes by itself, in its time.</summary>
    public override bool IsTransient => true;
}
