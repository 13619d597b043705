namespace BitsClient;

/// <summary>The server made no sense: its answer breaks the protocol, or is no BITS answer at all.</summary>
public sealed class BitsProtocolException : BitsUploadException
{
    internal BitsProtocolException(string message, string? header = null, string? value = null)
        : base(message)
    {
        Header = header;
        Value = value;
    }

    /// <summary>The header at fault, such as BITS-Received-Content-Range; null when the answer as a whole is.</summary>
    public string? Header { get; }

    /// <summary>What that header said, its first 100 characters; null when it was missing.</summary>
    public string? Value { get; }
}
