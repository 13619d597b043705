namespace BitsClient;

/// <summary>
/// A session on a server, as plain facts without credentials: enough to cancel it later, even from another process
/// (<see cref="IBitsUploadClient.CancelSessionAsync"/>). Immutable.
/// </summary>
public sealed record BitsUploadState
{
    /// <summary>The destination of the upload: absolute, http or https.</summary>
    public required Uri Url { get; init; }

    /// <summary>The server's name of the session, byte for byte as it was given.</summary>
    public required string SessionId { get; init; }

    /// <summary>How many bytes, from the start, the server has acknowledged.</summary>
    public required long BytesAcknowledged { get; init; }

    /// <summary>The length of the file, in bytes.</summary>
    public required long BytesTotal { get; init; }
}
