using System.Globalization;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Content;

/// <summary>
/// Uploads a file of more than 4 GiB in fragments of the maximum size. The file is sparse, so that it needs almost no disk space.
/// </summary>
[TimeLimit(180)]
public sealed class HugeFileTests
{
    private const long Total = (4L * 1024 * 1024 * 1024) + 1;

    private static readonly Uri Url = new("http://bits.test/upload/file.bin");

    // Bytes around 2 GiB, around 4 GiB, and at the boundaries of fragments.
    private static readonly Dictionary<long, byte> Marks = new()
    {
        [0] = 1,
        [int.MaxValue - 1L] = 2,
        [int.MaxValue] = 3,
        [int.MaxValue + 1L] = 4,
        [uint.MaxValue - 1L] = 5,
        [uint.MaxValue] = 6,
        [Total - 1] = 7,
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-");

    private string FilePath => Path.Combine(_folder.FullName, "file.bin");

    [SetUp]
    public void MakeFile()
    {
        using FileStream file = File.Create(FilePath);
        file.SetLength(Total);
        foreach ((long position, byte mark) in Marks)
        {
            file.Position = position;
            file.WriteByte(mark);
        }
    }

    [TearDown]
    public void Clean() => _folder.Delete(recursive: true);

    [Test]
    public async Task Every_byte_arrives_at_its_position()
    {
        MarkServer server = new();
        using HttpClient http = new(server) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = int.MaxValue });
        Last last = new();
        BitsUploadResult result = await client.UploadFileAsync(FilePath, Url, last);
        Assert.That(server.Ranges, Is.EqualTo(new[]
        {
            "bytes 0-2147483646/4294967297", "bytes 2147483647-4294967293/4294967297", "bytes 4294967294-4294967296/4294967297",
        }));
        Assert.That(server.Lengths, Is.EqualTo(new long[] { int.MaxValue, int.MaxValue, 3 }));
        Assert.That(server.Marks, Is.EqualTo(Marks));
        Assert.That((result.BytesTransferred, result.BytesResent, result.Fragments), Is.EqualTo((Total, 0L, 3)));
        Assert.That((last.Report.BytesAcknowledged, last.Report.BytesSent, last.Report.BytesTotal), Is.EqualTo((Total, Total, Total)));
    }

    private sealed class Last : IProgress<BitsUploadProgress>
    {
        public BitsUploadProgress Report { get; private set; }

        void IProgress<BitsUploadProgress>.Report(BitsUploadProgress value) => Report = value;
    }

    /// <summary>Reads everything but stores only the nonzero bytes and their positions.</summary>
    private sealed class MarkServer : HttpMessageHandler
    {
        public List<string> Ranges { get; } = [];

        public List<long> Lengths { get; } = [];

        public Dictionary<long, byte> Marks { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage ack = new() { RequestMessage = request };
            ack.Headers.Add("BITS-Packet-Type", "Ack");
            ack.Headers.Add("BITS-Session-Id", "{1}");
            if (request.Content is { Headers.ContentRange: { } range } content)
            {
                MarkStream marks = new(range.From!.Value, Marks);
                await content.CopyToAsync(marks, cancellationToken);
                Ranges.Add(range.ToString());
                Lengths.Add(marks.Written);
                ack.Headers.Add("BITS-Received-Content-Range", (range.From.Value + marks.Written).ToString(CultureInfo.InvariantCulture));
            }

            return ack;
        }
    }

    private sealed class MarkStream(long start, Dictionary<long, byte> marks) : Stream
    {
        public long Written { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ReadOnlySpan<byte> rest = buffer.Span;
            for (int next; (next = rest.IndexOfAnyExcept((byte)0)) >= 0; rest = rest[(next + 1)..])
            {
                marks[start + Written + buffer.Length - rest.Length + next] = rest[next];
            }

            Written += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
            // Nothing is buffered.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
