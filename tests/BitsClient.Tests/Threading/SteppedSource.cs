using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>A source whose reads are steps.</summary>
internal sealed class SteppedSource(AsyncSteps steps, byte[] bytes) : BitsUploadSource(bytes.Length, "file.bin", "Nothing.", nameof(bytes))
{
    internal override async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await steps.PassAsync().ConfigureAwait(false);
        int length = Math.Min(buffer.Length, bytes.Length - (int)offset);
        bytes.AsMemory((int)offset, length).CopyTo(buffer);
        return length;
    }

    internal override void ThrowIfChanged()
    {
        // It never changes.
    }
}
