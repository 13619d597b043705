using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>
/// What an upload allocates beyond the same requests of a bare <see cref="HttpClient"/>, in bytes, which hardly vary. A debug build
/// allocates an object for the state of each asynchronous method; the figures of a release build are in docs/performance.md.
/// </summary>
[NonParallelizable]
public sealed class AllocationTests
{
#if DEBUG
    private const int MaxOfFragment = 5_500;
    private const int MaxOfUpload = 17_000;
#else
    private const int MaxOfFragment = 3_000;
    private const int MaxOfUpload = 8_000;
#endif

    private const int Fragments = 32;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    [TestCase(64 * 1024)]
    [TestCase(1024 * 1024)]
    [TestCase(9 * 1024 * 1024, Description = "in pieces of 1 MiB")]
    public async Task A_fragment_costs_little_more_than_a_bare_request(int size)
    {
        using TemporaryFile file = new([]);
        BitsUploadOptions options = new() { FixedFragmentSize = size };
        long beyond = await LeastAsync(MaxOfFragment, async () =>
        {
            long few = await UploadAsync(file.Path, (long)size * 4, options);
            long many = await UploadAsync(file.Path, (long)size * Fragments, options);
            long fewBare = await SendBareAsync(4, size);
            long manyBare = await SendBareAsync(Fragments, size);
            return ((many - few) - (manyBare - fewBare)) / (Fragments - 4);
        });
        TestContext.Out.WriteLine($"{beyond} bytes for each fragment beyond a bare request.");
        Assert.That(beyond, Is.LessThanOrEqualTo(MaxOfFragment));
    }

    [Test]
    public async Task A_small_upload_costs_little()
    {
        using TemporaryFile file = new(new byte[10_000]);
        using HttpClient http = new(new Acknowledging()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http);
        await client.UploadFileAsync(file.Path, UploadRig.Url);
        long beyond = await LeastAsync(MaxOfUpload, async () =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 100; i++)
            {
                await client.UploadFileAsync(file.Path, UploadRig.Url);
            }

            long uploads = GC.GetTotalAllocatedBytes(precise: true) - before;
            return (uploads - await SendBareAsync(300, 3333)) / 100;
        });
        TestContext.Out.WriteLine($"{beyond} bytes for each upload beyond three bare requests.");
        Assert.That(beyond, Is.LessThanOrEqualTo(MaxOfUpload));
    }

    // What else runs in the process allocates as well, until it has ended, and a pool may have to allocate a buffer again. That only adds.
    private static async Task<long> LeastAsync(long limit, Func<Task<long>> measure)
    {
        Stopwatch since = Stopwatch.StartNew();
        long least;
        do
        {
            least = await measure();
        }
        while (least > limit && since.Elapsed < Quiet);
        return least;
    }

    private static async Task<long> UploadAsync(string path, long length, BitsUploadOptions options)
    {
        await using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(length);
        }

        using HttpClient http = new(new Acknowledging()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, options);
        await client.UploadFileAsync(path, UploadRig.Url);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await client.UploadFileAsync(path, UploadRig.Url);
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task<long> SendBareAsync(int times, int size)
    {
        using HttpClient http = new(new Acknowledging()) { Timeout = Timeout.InfiniteTimeSpan };
        using CancellationTokenSource cancel = new();
        byte[] bytes = new byte[size];
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < times; i++)
        {
            using HttpRequestMessage request = new(new HttpMethod("BITS_POST"), UploadRig.Url) { Content = new ByteArrayContent(bytes) };
            request.Headers.Add("BITS-Packet-Type", "Fragment");
            request.Headers.Add("BITS-Session-Id", "{1}");
            request.Content.Headers.ContentRange = new ContentRangeHeaderValue(0, size - 1, size);
            using HttpResponseMessage response = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancel.Token);
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    /// <summary>Reads every body, and acknowledges every packet.</summary>
    private sealed class Acknowledging : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
            HttpResponseMessage ack = new(HttpStatusCode.OK) { RequestMessage = request };
            ack.Headers.Add("BITS-Packet-Type", "Ack");
            ack.Headers.Add("BITS-Session-Id", "{1}");
            return ack;
        }
    }
}
