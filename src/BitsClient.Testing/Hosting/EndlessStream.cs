using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Hosting;

/// <summary>A stream with one byte that never ends: the second read waits until it is canceled.</summary>
internal sealed class EndlessStream : SequentialStream
{
    private bool _begun;

    public override bool CanRead => true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_begun)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }

        _begun = true;
        buffer.Span[0] = (byte)' ';
        return 1;
    }
}
