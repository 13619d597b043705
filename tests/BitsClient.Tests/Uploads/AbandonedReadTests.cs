using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>An abandoned read of a stream that is still running owns the stream's only position until it ends.</summary>
public sealed class AbandonedReadTests
{
    [Test]
    public async Task The_next_read_waits_for_it_and_each_gets_the_bytes_it_asked_for()
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            StallTimeout = TimeSpan.FromMinutes(1),
            Retry = { BaseDelay = TimeSpan.Zero },
        };
        using BodyReader reader = new(body: 4);
        using UploadRig rig = new(options: options, handlers: reader);
        LateStream stream = new(rig.File, lateAt: 2000);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(stream.Reading.Task, running);

        // The third fragment is abandoned, and the next one has the same bytes.
        rig.Time.Advance(options.StallTimeout);
        await Soon.EndsAsync(Task.WhenAny(reader.Asked, running), "The wait for the next fragment");
        Assert.That(stream.WasUsedMeanwhile, Is.False, "the abandoned read has not ended");
        Assert.That(running.IsCompleted, Is.False);

        stream.Release.SetResult();
        await Soon.ResultOfAsync(running, "The upload");
        Assert.That(stream.WasUsedMeanwhile, Is.False);
        Assert.That(stream.LateBytes, Is.EqualTo(rig.File[2000..3000]), "the position of the abandoned read was not moved");
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    /// <summary>Reads one of the bodies once before it is sent, and signals when the source was asked for it.</summary>
    private sealed class BodyReader(int body) : DelegatingHandler
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _bodies;

        public Task Asked => _asked.Task;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content && ++_bodies == body)
            {
                // The source is asked before this returns.
                Task reading = content.CopyToAsync(Stream.Null, cancellationToken);
                _asked.SetResult();
                await reading;
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>One read ignores its token and ends late.</summary>
    private sealed class LateStream(byte[] bytes, int lateAt) : MemoryStream(bytes)
    {
        private int _late = lateAt;
        private volatile bool _isReading;

        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public byte[] LateBytes { get; private set; } = [];

        public bool WasUsedMeanwhile { get; private set; }

        public override long Position
        {
            get => base.Position;
            set
            {
                WasUsedMeanwhile |= _isReading;
                base.Position = value;
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            WasUsedMeanwhile |= _isReading;
            if (Position != _late)
            {
                return Read(buffer.Span);
            }

            (_late, _isReading) = (-1, true);
            Reading.SetResult();
            await Release.Task;
            int read = Read(buffer.Span);
            LateBytes = buffer[..read].ToArray();
            _isReading = false;
            return read;
        }
    }
}
