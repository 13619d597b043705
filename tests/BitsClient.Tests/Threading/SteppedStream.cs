using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>A stream in memory whose reads, writes and flushes are steps.</summary>
internal sealed class SteppedStream(AsyncSteps steps) : MemoryStream
{
    public SteppedStream(AsyncSteps steps, byte[] bytes)
        : this(steps)
    {
        Write(bytes);
        Position = 0;
    }

    /// <summary>The stream that receives the writes instead.</summary>
    public Stream? Copy { get; init; }

    /// <summary>Runs before each read and write.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        await Before().ConfigureAwait(false);
        return Read(buffer.Span);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await steps.PassAsync().ConfigureAwait(false);
        await Before().ConfigureAwait(false);
        if (Copy is { } copy)
        {
            await copy.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Write(buffer.Span);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken) => await steps.PassAsync().ConfigureAwait(false);
}
