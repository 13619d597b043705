using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>Over a real socket, with a single connection: an answer that is not read to its end frees it for the next request.</summary>
public sealed class OnlyConnectionTests
{
    // Waiting for a connection counts as silence: if an answer keeps the only connection, the next request fails after this time.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    [TestCase(BitsPacketNames.CreateSession)]
    [TestCase(BitsPacketNames.Fragment)]
    [TestCase(BitsPacketNames.ReplyDownload)]
    [TestCase(BitsPacketNames.CloseSession)]
    public async Task An_upload_continues_after_an_endless_refusal(string packetType)
    {
        await using Rig rig = await Rig.StartAsync();
        rig.Server.Inject(packetType, Endless(503));
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(BitsReplyTarget.ToStream(stream, leaveOpen: true));
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(Rig.File));
        Assert.That(stream.Length, Is.EqualTo(Rig.ReplyLength));
    }

    [Test]
    public async Task A_ping_is_sent_after_an_endless_refusal_of_another()
    {
        await using Rig rig = await Rig.StartAsync();
        rig.Server.Inject(BitsPacketNames.Ping, Endless(403));
        Assert.That(() => rig.Client.PingAsync(rig.Url), Throws.TypeOf<BitsServerException>());
        Assert.That(() => rig.Client.PingAsync(rig.Url), Throws.Nothing);
    }

    [Test]
    public async Task A_cancel_is_sent_again_after_an_endless_refusal([Values] bool byJob)
    {
        await using Rig rig = await Rig.StartAsync();
        // After the body, because an answer that comes before it may be lost with the connection.
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403) { AfterHandling = true });
        rig.Server.Inject(BitsPacketNames.CancelSession, Endless(503));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        BitsCancelOutcome outcome = await (byJob ? job.CancelAsync() : rig.Client.CancelSessionAsync(job.Checkpoint!));
        Assert.That(outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task A_cancel_is_sent_after_a_reply_that_was_too_long()
    {
        await using Rig rig = await Rig.StartAsync(new BitsUploadOptions { MaxReplySize = 1 });
        await using IBitsUploadJob job = rig.CreateJob(BitsReplyTarget.ToStream(new MemoryStream()));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsProtocolException>().With.Message.Contains("MaxReplySize"));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.ReplyCanceled));
    }

    private static BitsFault.Answer Endless(int status) => new(status) { Endless = true };

    private sealed class Rig : IAsyncDisposable
    {
        public const int ReplyLength = 5_000_000;

        // By default, a handler reads more of a body to reuse its connection.
        private readonly HttpClient _http = new(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            MaxResponseDrainSize = 0,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

        private readonly BitsTestHost _host;

        private Rig(BitsTestServer server, BitsTestHost host, BitsUploadOptions options)
        {
            (Server, _host) = (server, host);
            options.FixedFragmentSize = File.Length / 2;
            (options.StallTimeout, options.ResponseTimeout, options.CancelTimeout) = (Limit, Limit, Limit);
            options.Retry = new BitsRetryOptions { MaxRetries = 1, BaseDelay = TimeSpan.Zero };
            Client = new BitsUploadClient(_http, options);
        }

        public static byte[] File { get; } = UploadRig.Bytes(100_000);

        public BitsTestServer Server { get; }

        public BitsUploadClient Client { get; }

        public Uri Url => new(_host.BaseAddress, "/upload/file.bin");

        public static async Task<Rig> StartAsync(BitsUploadOptions? options = null)
        {
            BitsTestServer server = new(new BitsTestServerOptions { Reply = _ => new byte[ReplyLength] });
            return new Rig(server, await BitsTestHost.StartAsync(server), options ?? new BitsUploadOptions());
        }

        public IBitsUploadJob CreateJob(BitsReplyTarget? reply = null) => Client.CreateJob(BitsUploadSource.FromMemory(File), Url, reply);

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _host.DisposeAsync();
            Server.Dispose();
        }
    }
}
