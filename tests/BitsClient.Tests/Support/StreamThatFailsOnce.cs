namespace BitsClient.Tests.Support;

/// <summary>A stream whose first read at a position fails; every other read succeeds.</summary>
internal sealed class StreamThatFailsOnce(byte[] bytes, long at) : MemoryStream(bytes)
{
    private bool _hasFailed;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position == at && !_hasFailed)
        {
            _hasFailed = true;
            throw new IOException("The disk is gone.");
        }

        return base.ReadAsync(buffer, cancellationToken);
    }
}
