using System.Net;
using BitsClient.Tests.Support;
using BitsClient.Tests.Transport;

namespace BitsClient.Tests.Content;

[NonParallelizable]
public sealed class MemoryTests
{
    [Test]
    public async Task Allocations_depend_on_neither_file_nor_fragment_size()
    {
        long small = await AllocatedBy(fragments: 20, fragmentSize: 64 * 1024);
        long big = await AllocatedBy(fragments: 20, fragmentSize: 8 * 1024 * 1024);
        long many = await AllocatedBy(fragments: 2000, fragmentSize: 64 * 1024);
        TestContext.Out.WriteLine($"20 fragments of 64 KiB: {small} bytes; of 8 MiB: {big} bytes; 2000 of 64 KiB: {many} bytes.");

        // The bytes themselves would be 160 MiB and 125 MiB. A large fragment is sent through one buffer of 1 MiB.
        Assert.That(big - small, Is.LessThan(2 * 1024 * 1024));
        Assert.That((many - small) / 1980, Is.LessThan(16 * 1024), "bytes per additional fragment: its request, its answer, its log");
    }

    [TestCase("a body without end")]
    [TestCase("headers without end")]
    [TestCase("interim answers without end")]
    [TestCase("a session id of 60 KB")]
    public async Task An_oversized_answer_takes_little_memory(string kind)
    {
        await using RawServer server = new(() => RawAnswer.Kinds[kind](new Random(1)));
        using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadOptions options = new()
        {
            ResponseTimeout = TimeSpan.FromMilliseconds(500),
            Retry = { MaxRetries = 1, BaseDelay = TimeSpan.Zero },
        };
        await using IBitsUploadJob job = new BitsUploadClient(http, options).CreateJob(new Zeros(1), server.Url);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Assert.That(() => job.RunAsync(), Throws.InstanceOf<BitsUploadException>());
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        TestContext.Out.WriteLine($"{allocated} bytes.");
        Assert.That(allocated, Is.LessThan(4 * 1024 * 1024));
    }

    private static async Task<long> AllocatedBy(int fragments, int fragmentSize)
    {
        using HttpClient http = new(new SwallowingHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = fragmentSize });
        await using IBitsUploadJob job = client.CreateJob(new Zeros((long)fragments * fragmentSize), UploadRig.Url);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await job.RunAsync();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private sealed class Zeros(long length) : BitsUploadSource(length, "zeros.bin", "Nothing.", nameof(length))
    {
        internal override ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            int read = (int)Math.Min(buffer.Length, Length - offset);
            buffer.Span[..read].Clear();
            return ValueTask.FromResult(read);
        }

        internal override void ThrowIfChanged()
        {
            // Zeros do not change.
        }
    }

    /// <summary>A server that reads every body and stores nothing.</summary>
    private sealed class SwallowingHandler : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
            {
                await content.CopyToAsync(Stream.Null, cancellationToken);
            }

            HttpResponseMessage ack = new(HttpStatusCode.OK) { RequestMessage = request };
            ack.Headers.Add("BITS-Packet-Type", "Ack");
            ack.Headers.Add("BITS-Session-Id", "{1}");
            return ack;
        }
    }
}
