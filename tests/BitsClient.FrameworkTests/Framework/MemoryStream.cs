namespace BitsClient.Tests;

/// <summary>The same of a stream in memory.</summary>
internal class MemoryStream : System.IO.MemoryStream
{
    public MemoryStream()
    {
    }

    public MemoryStream(int capacity)
        : base(capacity)
    {
    }

    public MemoryStream(byte[] buffer, bool writable = true)
        : base(buffer, writable)
    {
    }

    public MemoryStream(byte[] buffer, int index, int count, bool writable)
        : base(buffer, index, count, writable)
    {
    }

    public int Read(Span<byte> buffer)
    {
        byte[] bytes = new byte[buffer.Length];
        int read = Read(bytes, 0, bytes.Length);
        bytes.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

    public virtual ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Read(buffer.Span));

    public virtual ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        await ReadAsync(buffer.AsMemory(offset, count), cancellationToken);

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        await WriteAsync(buffer.AsMemory(offset, count), cancellationToken);
}
