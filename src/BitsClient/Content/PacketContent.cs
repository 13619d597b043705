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

    // HttpClient of .NET Framework passes no token, but the request has one.
    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeAsync(stream, observer?.Token ?? CancellationToken.None);

#if NET
    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        SerializeAsync(stream, cancellationToken);
#endif

    protected virtual Task WriteAsync(Stream stream, CancellationToken cancellationToken) => Task.CompletedTask;

    private Task SerializeAsync(Stream stream, CancellationToken cancellationToken)
    {
        observer?.Beginning();
        return WriteAsync(stream, cancellationToken);
    }
}
