namespace BitsClient;

/// <summary>The source is not any more what it was when the upload began: what is on the server and what is here do not belong together.</summary>
public sealed class BitsSourceChangedException : BitsUploadException
{
    internal BitsSourceChangedException(string message)
        : base(message)
    {
    }
}
