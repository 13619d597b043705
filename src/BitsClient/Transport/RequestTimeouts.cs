namespace BitsClient.Transport;

/// <summary>
/// How long a request may be silent: while its body is sent, while its ack is waited for, and once the upload is stopped.
/// </summary>
internal sealed record RequestTimeouts(TimeSpan Stall, TimeSpan Response, TimeSpan Cancel)
{
    public static RequestTimeouts From(BitsUploadOptions options) =>
        new(options.StallTimeout, options.ResponseTimeout, options.CancelTimeout);
}
