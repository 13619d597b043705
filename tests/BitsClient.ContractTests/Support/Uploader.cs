namespace BitsClient.ContractTests.Support;

/// <summary>A client with a plain <see cref="HttpClient"/>, and a file of 3000 bytes, uploaded in three fragments by default.</summary>
internal sealed class Uploader(BitsUploadOptions? options = null, TimeProvider? time = null) : IDisposable
{
    /// <summary>The timeout for every wait in these tests.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The file. No sequence of eight bytes occurs twice in it.</summary>
    public byte[] File { get; } = [.. Enumerable.Range(0, 750).SelectMany(BitConverter.GetBytes)];

    public IBitsUploadJob CreateJob(MockServer server, BitsReplyTarget? reply = null)
    {
        BitsUploadClient client = new(_http, options ?? new BitsUploadOptions { FixedFragmentSize = 1000 }, timeProvider: time);
        return client.CreateJob(BitsUploadSource.FromMemory(File, "report.bin"), server.Url, reply);
    }

    public async Task<BitsUploadResult> UploadAsync(MockServer server, BitsReplyTarget? reply = null)
    {
        await using IBitsUploadJob job = CreateJob(server, reply);
        return await job.RunAsync().WaitAsync(Limit);
    }

    public void Dispose() => _http.Dispose();
}
