namespace BitsClient;

/// <summary>The server's response violates the protocol, or is not a BITS response at all.</summary>
public sealed class BitsProtocolException : BitsUploadException
{
    /// <summary>Initializes the exception, for tests of code that handles it.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="header">The header that is wrong, such as BITS-Received-Content-Range; null if the response as a whole is.</param>
    /// <param name="value">The value of that header; null if it was missing.</param>
    public BitsProtocolException(string message, string? header = null, string? value = null)
        : base(message)
    {
        Header = header;
        Value = value;
        Reason = BitsFailureReason.Protocol;
    }

    /// <summary>The header that is wrong, such as BITS-Received-Content-Range; null if the response as a whole is.</summary>
    public string? Header { get; }

    /// <summary>The first 100 characters of that header's value; null if the header was missing.</summary>
    public string? Value { get; }
}
