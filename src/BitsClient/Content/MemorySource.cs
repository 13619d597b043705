namespace BitsClient.Content;

/// <summary>Bytes in memory to upload.</summary>
internal sealed class MemorySource(ReadOnlyMemory<byte> bytes, string? name)
    : BitsUploadSource(bytes.Length, name, "There are no bytes.", nameof(bytes))
{
    internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = bytes[(int)offset..];
        int length = Math.Min(rest.Length, buffer.Length);
        rest[..length].CopyTo(buffer);
        return ValueTask.FromResult(length);
    }

    internal override void ThrowIfChanged()
    {
        // Changes in memory cannot be detected.
    }
}
