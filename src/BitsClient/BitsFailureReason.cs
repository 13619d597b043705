namespace BitsClient;

/// <summary>Why an upload failed: <see cref="BitsUploadException.Reason"/>.</summary>
public enum BitsFailureReason
{
    /// <summary>Any other reason; the message says which.</summary>
    Other,

    /// <summary>The server answered with an error status (<see cref="BitsServerException"/>).</summary>
    Server,

    /// <summary>The server's response violates the protocol, or is not a BITS response (<see cref="BitsProtocolException"/>).</summary>
    Protocol,

    /// <summary>There was no connection, or it broke.</summary>
    Network,

    /// <summary>Nothing was sent or received for too long.</summary>
    Timeout,

    /// <summary>
    /// The upload made no progress within <see cref="BitsUploadOptions.NoProgressTimeout"/> (<see cref="BitsUploadStalledException"/>).
    /// </summary>
    NoProgress,

    /// <summary>The source could not be read, or has changed (<see cref="BitsSourceChangedException"/>).</summary>
    Source,

    /// <summary>The reply could not be downloaded or written.</summary>
    Reply,

    /// <summary>
    /// <see cref="BitsUploadOptions.PrepareRequest"/> or <see cref="BitsUploadOptions.RateLimiter"/> failed, or did not return in time.
    /// </summary>
    Hook,

    /// <summary>The <see cref="HttpClient"/> or one of its handlers refused or canceled the request, or was disposed.</summary>
    Handler,

    /// <summary>A strategy of <see cref="BitsRetryOptions.ConfigurePipeline"/> failed, or rejected the packet.</summary>
    Pipeline,

    /// <summary>The checkpoint store has another session of the upload, or no longer has the upload.</summary>
    Store,
}
