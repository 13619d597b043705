using System.Net.Http.Headers;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Transport;

/// <summary>
/// Who receives the credentials and headers of an application (O1), recorded by two servers on loopback ports and under two names. Every
/// secret has "secret" in its value.
/// </summary>
public sealed class OriginTests
{
    private static readonly byte[] File = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * 7))];
    private static readonly string[] Secrets = ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "X-Hook-Key"];

    /// <summary>Which part of the origin differs.</summary>
    public enum Difference
    {
        Port,
        Name,
    }

    [Test]
    public async Task A_host_id_of_another_origin_receives_nothing_unless_it_is_trusted(
        [Values] Difference difference, [Values] bool inHook, [Values] bool isTrusted)
    {
        await using Rig rig = await Rig.StartAsync(difference);
        rig.Options.HostId = rig.Elsewhere.Authority;
        await rig.UploadAsync(rig.Client(inHook, isTrusted));

        Assert.That(rig.At(rig.Url), Has.Count.EqualTo(1).And.All.EquivalentTo(Expected(inHook)));
        Assert.That(rig.At(rig.Elsewhere), Has.Count.EqualTo(5));
        Assert.That(rig.At(rig.Elsewhere), isTrusted ? Is.All.EquivalentTo(Expected(inHook)) : Is.All.Empty);
    }

    [Test]
    public async Task A_reply_on_another_origin_is_requested_without_them_unless_it_is_trusted(
        [Values] Difference difference, [Values] bool inHook, [Values] bool isTrusted)
    {
        await using Rig rig = await Rig.StartAsync(difference);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(200)
        {
            AfterHandling = true,
            Headers =
            [
                new("BITS-Received-Content-Range", "3000"), new("BITS-Reply-URL", new Uri(rig.Elsewhere, "reply.bin").AbsoluteUri),
            ],
        }, occurrence: 3);
        rig.Server.Inject(BitsPacketNames.ReplyDownload, new BitsFault.Answer(200) { Ack = false });
        await rig.UploadAsync(rig.Client(inHook, isTrusted), BitsReplyTarget.ToStream(new MemoryStream()));

        Assert.That(rig.At(rig.Url), Is.All.EquivalentTo(Expected(inHook)));
        Assert.That(rig.At(rig.Elsewhere), Has.Count.EqualTo(1));
        Assert.That(rig.At(rig.Elsewhere), isTrusted ? Is.All.EquivalentTo(Expected(inHook)) : Is.All.Empty);
    }

    [Test]
    public async Task A_session_that_is_left_on_another_origin_is_canceled_without_them_unless_it_is_trusted(
        [Values] Difference difference, [Values] bool inHook, [Values] bool isTrusted)
    {
        await using Rig rig = await Rig.StartAsync(difference);
        BitsUploadClient client = rig.Client(inHook, isTrusted);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(File), new Uri(rig.Url, "upload/file.bin"));
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!;
        BitsOtherSession left = new() { Url = new Uri(rig.Elsewhere, "upload/file.bin"), SessionId = checkpoint.SessionId };
        await client.CancelSessionAsync(checkpoint with { OtherSessions = [left] });

        Assert.That(rig.At(rig.Url), Is.All.EquivalentTo(Expected(inHook)));
        Assert.That(rig.At(rig.Elsewhere), Has.Count.EqualTo(1));
        Assert.That(rig.At(rig.Elsewhere), isTrusted ? Is.All.EquivalentTo(Expected(inHook)) : Is.All.Empty);
    }

    [Test]
    public async Task A_redirect_to_another_origin_sends_nothing_there([Values] Difference difference, [Values(302, 307, 308)] int status)
    {
        await using Rig rig = await Rig.StartAsync(difference);
        string location = new Uri(rig.Elsewhere, "upload/file.bin").AbsoluteUri;
        rig.Server.InjectEvery(
            BitsPacketNames.CreateSession, new BitsFault.Answer(status) { Ack = false, Headers = [new("Location", location)] });

        Assert.That(() => rig.UploadAsync(rig.Client(inHook: true, isTrusted: false)), Throws.TypeOf<BitsServerException>());
        Assert.That(rig.At(rig.Elsewhere), Is.Empty);
    }

    private static IEnumerable<string> Expected(bool inHook) => Secrets.Where(name => inHook || name is not "X-Hook-Key");

    private static void Add(HttpRequestHeaders headers, bool inHook)
    {
        foreach (string name in Expected(inHook))
        {
            headers.Add(name, "Basic secret");
        }
    }

    /// <summary>A server on two loopback ports, each with two names, and a client with secrets.</summary>
    private sealed class Rig : IAsyncDisposable
    {
        private readonly BitsTestHost _host;
        private readonly BitsTestHost _other;
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

        private Rig(BitsTestServerOptions options, BitsTestServer server, BitsTestHost host, BitsTestHost other, Difference difference)
        {
            (Options, Server, _host, _other) = (options, server, host, other);
            Elsewhere = difference is Difference.Port ? other.BaseAddress : new UriBuilder(Url) { Host = "localhost" }.Uri;
        }

        public BitsTestServerOptions Options { get; }

        public BitsTestServer Server { get; }

        public Uri Url => _host.BaseAddress;

        public Uri Elsewhere { get; }

        public static async Task<Rig> StartAsync(Difference difference)
        {
            BitsTestServerOptions options = new();
            BitsTestServer server = new(options);
            return new Rig(options, server, await BitsTestHost.StartAsync(server), await BitsTestHost.StartAsync(server), difference);
        }

        /// <summary>A client with secrets in the default headers or in its hook.</summary>
        public BitsUploadClient Client(bool inHook, bool isTrusted)
        {
            if (!inHook)
            {
                Add(_http.DefaultRequestHeaders, inHook);
            }

            return new BitsUploadClient(_http, new BitsUploadOptions
            {
                FixedFragmentSize = 1000,
                AllowReplyFromAnyOrigin = true,
                TrustedOrigins = isTrusted ? [Elsewhere] : [],
                PrepareRequest = !inHook ? null : (context, _) =>
                {
                    Add(context.Request.Headers, inHook);
                    return ValueTask.CompletedTask;
                },
            });
        }

        public async Task UploadAsync(BitsUploadClient client, BitsReplyTarget? reply = null)
        {
            await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(File), new Uri(Url, "upload/file.bin"), reply);
            await job.RunAsync();
        }

        /// <summary>The headers with secrets of each request that arrived at an origin.</summary>
        public List<string[]> At(Uri origin) =>
        [
            .. Server.Dialogue.Where(exchange => exchange.Url.Authority == origin.Authority).Select(exchange => exchange.RequestHeaders
                .Where(header => header.Value.Contains("secret", StringComparison.Ordinal)).Select(header => header.Name).ToArray()),
        ];

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _host.DisposeAsync();
            await _other.DisposeAsync();
            Server.Dispose();
        }
    }
}
