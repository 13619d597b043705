using System.IO.Compression;

namespace BitsClient.Tests.Content;

/// <summary>Which streams a reply can be written to, and that a write never begins while another one has not ended.</summary>
public sealed class ReplyStreamTests
{
    [Test]
    public async Task A_stream_without_a_position_is_accepted()
    {
        using MemoryStream written = new();
        await using (GZipStream zip = new(written, CompressionMode.Compress, leaveOpen: true))
        {
            Assert.That(() => zip.Position, Throws.TypeOf<NotSupportedException>());
            using BitsReplyTarget target = BitsReplyTarget.ToStream(zip, leaveOpen: true);
            await target.AppendAsync("reply"u8.ToArray(), CancellationToken.None);
            await target.CompleteAsync(CancellationToken.None);
        }

        written.Position = 0;
        using StreamReader reader = new(new GZipStream(written, CompressionMode.Decompress));
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("reply"));
    }

    [Test]
    public void A_stream_that_cannot_be_written_is_refused()
    {
        using MemoryStream stream = new([1, 2], writable: false);
        Assert.That(
            () => BitsReplyTarget.ToStream(stream),
            Throws.TypeOf<ArgumentException>()
                .With.Message.Contains("writable").And.Property(nameof(ArgumentException.ParamName)).EqualTo("stream"));
    }

    [Test]
    public async Task A_canceled_write_does_not_begin_while_another_one_has_not_ended()
    {
        using HangingStream stream = new();
        using BitsReplyTarget target = BitsReplyTarget.ToStream(stream, leaveOpen: true);
        using CancellationTokenSource abandon = new();
        Task first = target.AppendAsync(new byte[1], abandon.Token).AsTask();
        await stream.Began.Task;
        await abandon.CancelAsync();
        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());

        Assert.That(() => target.AppendAsync(new byte[1], abandon.Token).AsTask(), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(stream.Writes, Is.EqualTo(1));
        Assert.That(target.Length, Is.Zero);
    }

    private sealed class HangingStream : MemoryStream
    {
        private readonly TaskCompletionSource _never = new();

        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Writes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            Began.TrySetResult();
            return new ValueTask(_never.Task);
        }
    }
}
