using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Hosting;

/// <summary>A connection that the server has closed: each write fails.</summary>
internal sealed class ClosedStream : SequentialStream
{
    public override bool CanWrite => true;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromException(new IOException("The server closed the connection."));
}
