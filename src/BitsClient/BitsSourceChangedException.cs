namespace BitsClient;

/// <summary>The source is no longer what it was when the upload began, so its bytes do not belong to those that the server has.</summary>
public sealed class BitsSourceChangedException : BitsUploadException
{
    /// <summary>Initializes the exception, for tests of code that handles it.</summary>
    /// <param name="message">What changed.</param>
    public BitsSourceChangedException(string message)
        : base(message)
    {
        Reason = BitsFailureReason.Source;
    }
}
