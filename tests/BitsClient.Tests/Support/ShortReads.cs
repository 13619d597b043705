namespace BitsClient.Tests.Support;

/// <summary>A source that returns few bytes at a time, so that a small body is sent in many pieces.</summary>
internal sealed class ShortReads(byte[] bytes, int most) : BitsUploadSource(bytes.Length, "file.bin", "Nothing.", nameof(bytes))
{
    internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int length = Math.Min(Math.Min(most, buffer.Length), bytes.Length - (int)offset);
        bytes.AsSpan((int)offset, length).CopyTo(buffer.Span);
        return ValueTask.FromResult(length);
    }

    internal override void ThrowIfChanged()
    {
        // It never changes.
    }
}
