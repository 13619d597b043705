using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Support;

/// <summary>
/// A small upload to an in-memory server, to get the exceptions and progress reports of the library. Its clock makes delays pass
/// immediately.
/// </summary>
internal sealed class MemoryUpload : IDisposable
{
    public static readonly Uri Url = new("http://bits.test/upload/file.bin");

    private readonly FirstFailure _failure;
    private readonly HttpClient _http;
    private readonly BitsUploadClient _client;
    private readonly List<BitsUploadProgress> _reports = [];

    public MemoryUpload(BitsUploadOptions? options = null)
    {
        _failure = new FirstFailure(Server.CreateHandler());
        _http = new HttpClient(_failure) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadOptions used = options ?? new BitsUploadOptions();
        used.FixedFragmentSize = 1000;
        used.ProgressInterval = TimeSpan.Zero;
        _client = new BitsUploadClient(_http, used, timeProvider: new ManualTimeProvider { PassesAtOnce = TimeSpan.FromSeconds(5) });
    }

    public BitsTestServer Server { get; } = new();

    public IReadOnlyList<BitsUploadProgress> Reports => _reports;

    /// <summary>Makes the first packet of a type fail before it reaches the server.</summary>
    public void FailFirst(string packetType, Exception failure) => (_failure.PacketType, _failure.Failure) = (packetType, failure);

    public async Task<BitsUploadResult> RunAsync(CancellationToken cancellationToken = default)
    {
        await using IBitsUploadJob job = _client.CreateJob(BitsUploadSource.FromMemory(new byte[3000], "file.bin"), Url);
        return await job.RunAsync(new Collector(_reports), cancellationToken);
    }

    /// <summary>Runs the upload and returns the exception that it throws.</summary>
    public async Task<Exception> FailureAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await RunAsync(cancellationToken);
        }
        catch (Exception e)
        {
            return e;
        }

        throw new AssertionException("The upload did not fail.");
    }

    /// <summary>Cancels the token before the second fragment is acknowledged, and returns the exception that the upload throws.</summary>
    public async Task<Exception> CancelInTheMiddleAsync()
    {
        using CancellationTokenSource cancel = new();
        BitsGate held = Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        Task<Exception> failing = FailureAsync(cancel.Token);
        await held.ReachedByAsync(failing);
        await cancel.CancelAsync();
        return await failing;
    }

    public void Dispose()
    {
        _http.Dispose();
        Server.Dispose();
    }

    private sealed class Collector(List<BitsUploadProgress> reports) : IProgress<BitsUploadProgress>
    {
        public void Report(BitsUploadProgress value) => reports.Add(value);
    }

    private sealed class FirstFailure(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public string? PacketType { get; set; }

        public Exception? Failure { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Failure is { } failure && request.Headers.NonValidated["BITS-Packet-Type"].ToString() == PacketType)
            {
                Failure = null;
                throw failure;
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
