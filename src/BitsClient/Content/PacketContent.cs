using System.Net;

namespace BitsClient.Content;

/// <summary>
/// The content of a packet. Each packet has one, also if it has no bytes: the handler of .NET sends a request without content
/// again by itself if the connection is closed, and only a content knows when its request is written to a connection, and how many times.
/// </summary>
internal class PacketContent(IContentObserver? observer) : HttpContent
{
    protected IContentObserver? Observer => observer;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }

#if NET
    /// <summary>A server can be asked whether it accepts a request before its content is sent.</summary>
    public const bool CanAskFirst = true;

    /// <summary>The token to send the request with.</summary>
    public CancellationToken RequestToken => observer?.Token ?? CancellationToken.None;

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        observer?.Beginning();
        return WriteAsync(stream, cancellationToken);
    }
#else
    /// <summary>HttpClient of .NET Framework sends the content in any case, 350 ms later.</summary>
    public const bool CanAskFirst = false;

    private readonly CancellationTokenSource _end =
        CancellationTokenSource.CreateLinkedTokenSource(observer?.Token ?? CancellationToken.None);

    /// <summary>
    /// The token to send the request with. HttpClient of .NET Framework leaves a request open whose content fails, so that ends it.
    /// </summary>
    public CancellationToken RequestToken => _end.Token;

    // HttpClient of .NET Framework passes no token.
    protected sealed override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        try
        {
            observer?.Beginning();
            await WriteAsync(stream, _end.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            WriteFailure = e;
            await _end.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
#endif

    /// <summary>Why the content could not be written, where HttpClient does not tell it (.NET Framework); null otherwise.</summary>
    public Exception? WriteFailure { get; private set; }

    protected virtual Task WriteAsync(Stream stream, CancellationToken cancellationToken) => Task.CompletedTask;
}
