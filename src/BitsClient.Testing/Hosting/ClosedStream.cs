namespace BitsClient.Testing.Hosting;

/// <summary>A connection that the server has closed: each write fails.</summary>
internal sealed class ClosedStream : MemoryStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromException(new IOException("The server closed the connection."));
}
