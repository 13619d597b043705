using System.Net;

namespace BitsClient.Content;

/// <summary>
/// The content of a packet. Each packet has one, also if it has no bytes: <see cref="SocketsHttpHandler"/> sends a request without content
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

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        observer?.Beginning();
        return WriteAsync(stream, cancellationToken);
    }

    protected virtual Task WriteAsync(Stream stream, CancellationToken cancellationToken) => Task.CompletedTask;
}
