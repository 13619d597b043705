using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>Offsets that do not fit in 32 bits. A complete upload of that size is an integration test.</summary>
public sealed class HugeOffsetTests
{
    private const long FourGiB = 4L * 1024 * 1024 * 1024;

    // The server has only the end of the file, so there is nothing to probe.
    private static BitsUploadOptions Options() => new()
    {
        MinFragmentSize = 4,
        InitialFragmentSize = 7,
        MaxFragmentSize = 7,
        ResendPolicy = BitsResendPolicy.Resynchronize,
    };

    [Test]
    public async Task An_upload_interrupted_near_4_GiB_resumes_there([Values(FourGiB - 10, FourGiB, FourGiB + 9)] long acknowledged)
    {
        using TemporaryFile place = new([]);
        byte[] tail = UploadRig.Bytes(20);
        await using (FileStream file = File.Create(place.Path))
        {
            file.SetLength(FourGiB + 10);
            file.Position = FourGiB - 10;
            await file.WriteAsync(tail);
        }

        TailServer server = new(FourGiB - 10);
        using HttpClient http = new(server) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, Options());
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            SessionId = "{1}",
            BytesAcknowledged = acknowledged,
            BytesTotal = FourGiB + 10,
        };
        await using IBitsUploadJob job = client.ResumeJob(checkpoint, BitsUploadSource.FromFile(place.Path));
        BitsUploadResult result = await job.RunAsync();

        int before = (int)(acknowledged - (FourGiB - 10));
        Assert.That(server.Tail[before..], Is.EqualTo(tail[before..]));
        Assert.That(
            server.Ranges[0],
            Is.EqualTo(FormattableString.Invariant($"bytes {acknowledged}-{Math.Min(acknowledged + 3, FourGiB + 9)}/4294967306")));
        Assert.That(server.Ranges[^1], Does.EndWith("-4294967305/4294967306"));
        Assert.That(result.BytesTransferred, Is.EqualTo(FourGiB + 10));
    }

    [Test]
    public async Task A_stream_is_read_from_a_position_beyond_2_GiB([Values(3L * 1024 * 1024 * 1024, FourGiB + 1)] long position)
    {
        using PositionStream stream = new(position + 5000) { Position = position };
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Assert.That((await job.RunAsync()).BytesTransferred, Is.EqualTo(5000));
        Assert.That(
            rig.Server.GetFile("/upload/file.bin"),
            Is.EqualTo(Enumerable.Range(0, 5000).Select(i => PositionStream.At(position + i))));
    }

    [Test]
    public async Task A_stream_longer_than_4_GiB_resumes_across_that_boundary()
    {
        const long total = FourGiB + 20;
        using PositionStream stream = new(total);
        TailServer server = new(FourGiB - 10);
        using HttpClient http = new(server) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, Options());
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            SessionId = "{1}",
            BytesAcknowledged = FourGiB - 10,
            BytesTotal = total,
        };
        List<BitsUploadProgress> reports = [];
        await using IBitsUploadJob job = client.ResumeJob(checkpoint, BitsUploadSource.FromStream(stream));
        await job.RunAsync(new ProgressHandler(reports.Add));
        Assert.That(server.Tail, Is.EqualTo(Enumerable.Range(-10, 30).Select(i => PositionStream.At(FourGiB + i))));
        Assert.That((reports[^1].BytesAcknowledged, reports[^1].BytesTotal, reports[^1].BytesSent), Is.EqualTo((total, total, 30L)));
    }

    /// <summary>Acknowledges every fragment, and keeps the bytes from a given position on.</summary>
    private sealed class TailServer(long start) : HttpMessageHandler
    {
        private readonly MemoryStream _tail = new();

        public List<string> Ranges { get; } = [];

        public byte[] Tail => _tail.ToArray();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage ack = new() { RequestMessage = request };
            ack.Headers.Add("BITS-Packet-Type", "Ack");
            if (request.Content is { Headers.ContentRange: { } range } content)
            {
                Ranges.Add(range.ToString());
                _tail.Position = range.From!.Value - start;
                await content.CopyToAsync(_tail, cancellationToken);
                ack.Headers.Add("BITS-Received-Content-Range", FormattableString.Invariant($"{start + _tail.Position}"));
            }

            return ack;
        }
    }

    /// <summary>A huge stream in which each byte depends on its position.</summary>
    private sealed class PositionStream(long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public static byte At(long position) => (byte)((position ^ (position >> 32)) % 251);

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, length - Position);
            for (int i = 0; i < read; i++)
            {
                buffer[offset + i] = At(Position++);
            }

            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void Flush()
        {
            // There is nothing to flush.
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
