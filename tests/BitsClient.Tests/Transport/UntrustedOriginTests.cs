using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>
/// Which origins receive the credentials and headers of the application. Every secret has "secret" in its value, wherever it comes from.
/// </summary>
public sealed class UntrustedOriginTests
{
    private static readonly string[] Defaults = ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key"];
    private static readonly string[] All = [.. Defaults, "X-Hook-Key"];

    [TestCase("node7", "node7")]
    [TestCase("bits.test:8080", "bits.test:8080", Description = "another port")]
    [TestCase("127.1", "127.0.0.1")]
    public async Task A_named_host_receives_no_credentials_and_no_headers_of_the_application(string hostId, string authority)
    {
        using FarmRig rig = Farm(hostId, authority);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(SecretsAt(rig.Server, "bits.test"), Is.EquivalentTo(Defaults));
        Assert.That(SecretsAt(rig.Server, authority), Is.Empty);
        Assert.That(At(rig.Server, authority).Select(exchange => exchange.RequestHeader("X-Api-Key")), Has.Exactly(5).EqualTo(""));
    }

    [Test]
    public async Task What_the_hook_adds_does_not_go_there_either([Values] bool hasDefaults)
    {
        using FarmRig rig = Farm("node7", "node7", Options(AddSecrets), hasDefaults);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(SecretsAt(rig.Server, "bits.test"), Is.EquivalentTo(All));
        Assert.That(SecretsAt(rig.Server, "node7"), Is.Empty);
    }

    [Test]
    public async Task What_the_hook_adds_to_the_content_or_under_a_harmless_name_does_not_go_there_either()
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            PrepareRequest = (context, _) =>
            {
                context.Request.Content?.Headers.TryAddWithoutValidation("X-Signature", "secret");
                context.Request.Headers.TryAddWithoutValidation("Pragma", "secret");
                return ValueTask.CompletedTask;
            },
        };
        using FarmRig rig = Farm("node7", "node7", options);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        foreach (string name in new[] { "X-Signature", "Pragma" })
        {
            Assert.That(At(rig.Server, "bits.test").Select(exchange => exchange.RequestHeader(name)), Is.All.EqualTo("secret"));
            Assert.That(At(rig.Server, "node7").Select(exchange => exchange.RequestHeader(name)), Is.Not.Empty.And.All.Null);
        }
    }

    [TestCase("http://node7/")]
    [TestCase("HTTP://NODE7:80/any/path?and=query#fragment", Description = "only scheme, host and port count")]
    public async Task A_trusted_origin_receives_all_of_them(string trusted)
    {
        using FarmRig rig = Farm("node7", "node7", Options(AddSecrets, trusted));
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(At(rig.Server, "node7").Select(SecretsOf), Is.All.EquivalentTo(All));
    }

    [TestCase("https://node7/")]
    [TestCase("http://node7:8080/")]
    [TestCase("http://node7.bits.test/")]
    public async Task Another_scheme_port_or_host_is_another_origin(string trusted)
    {
        using FarmRig rig = Farm("node7", "node7", Options(trusted: trusted));
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(SecretsAt(rig.Server, "node7"), Is.Empty);
    }

    [Test]
    public async Task A_host_id_that_names_the_URLs_own_origin_changes_nothing()
    {
        using FarmRig rig = Farm("BITS.test:80", "bits.test");
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(rig.Server.Dialogue.Select(SecretsOf), Is.All.EquivalentTo(Defaults));
    }

    [Test]
    public async Task Headers_about_the_connection_and_the_program_go_everywhere()
    {
        using FarmRig rig = Farm("node7", "node7");
        rig.Headers.Add("Accept", "*/*");
        rig.Headers.Add("User-Agent", "uploader/1.0");
        rig.Headers.ConnectionClose = true;
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(
            At(rig.Server, "node7").Select(exchange =>
                (exchange.RequestHeader("Accept"), exchange.RequestHeader("User-Agent"), exchange.RequestHeader("Connection"))),
            Is.All.EqualTo(("*/*", "uploader/1.0", "close")));
    }

    [TestCase("node7", "node7")]
    [TestCase("node7:8080", "node7:8080")]
    [TestCase("[2001:DB8::7]:8080", "[2001:db8::7]:8080")]
    public async Task The_virtual_host_of_the_application_does_not_apply_to_another_origin(string hostId, string authority)
    {
        using FarmRig rig = Farm(hostId, authority);
        rig.Headers.Host = "virtual.test";
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(At(rig.Server, "bits.test").Single().RequestHeader("Host"), Is.EqualTo("virtual.test"));
        Assert.That(At(rig.Server, authority).Select(exchange => exchange.RequestHeader("Host")), Is.All.EqualTo(authority));
    }

    [TestCase("http://node7/upload/", "node7")]
    [TestCase("http://bits.test:8080/upload/", "bits.test:8080")]
    public async Task A_reply_elsewhere_is_downloaded_without_them_unless_its_origin_is_trusted(string folder, string authority)
    {
        Assert.That(await SecretsInDownloadAsync(folder, authority), Is.Empty);
        Assert.That(await SecretsInDownloadAsync(folder, authority, trusted: folder), Is.EquivalentTo(All));
    }

    [Test]
    public async Task A_session_of_the_ledger_is_canceled_at_its_origin_without_them()
    {
        using FarmRig rig = Farm("node7", "node7", Options(AddSecrets));
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!;
        BitsUploadCheckpoint elsewhere = checkpoint with
        {
            SessionId = null,
            HostId = null,
            BytesAcknowledged = 0,
            BytesSentAtMost = null,
            OtherSessions = [new() { Url = new Uri("http://node7/upload/file.bin"), SessionId = checkpoint.SessionId }],
        };
        Assert.That(await rig.Client.CancelSessionAsync(elsewhere), Is.EqualTo(BitsCancelOutcome.SessionCanceled));

        Assert.That(rig.Requests[^1], Is.EqualTo("node7 Cancel-Session"));
        Assert.That(SecretsAt(rig.Server, "node7"), Is.Empty);
    }

    [Test]
    public async Task The_hook_is_told_whether_the_request_goes_to_the_origin_of_the_URL()
    {
        List<(string, bool)> requests = [];
        using FarmRig rig = Farm("node7", "node7", Options(
            context => requests.Add(($"{context.PacketType}", context.IsOriginalOrigin)), trusted: "http://node7/"));
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(requests.Take(3), Is.EqualTo(new[] { ("CreateSession", true), ("Ping", false), ("Fragment", false) }));
        Assert.That(requests.Skip(1).Select(request => request.Item2), Is.All.False, "trusted or not");
    }

    [TestCase(401)]
    [TestCase(403)]
    [TestCase(407)]
    public async Task A_refusal_by_an_origin_that_is_not_trusted_says_what_was_withheld(int status)
    {
        using FarmRig rig = Farm("node7", "node7");
        rig.Server.InjectEvery(BitsPacketNames.Ping, new BitsFault.Answer(status));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("Ping to http://node7/upload/file.bin").And.Contain("add it to TrustedOrigins"));
    }

#if NET
    [Test]
    public async Task So_does_a_refusal_that_a_handler_throws()
    {
        Alteration strict = new((request, _) =>
        {
            if (request.RequestUri!.Host == "node7")
            {
                throw new HttpRequestException("Refused.", inner: null, HttpStatusCode.Unauthorized);
            }
        });
        using FarmRig rig = new(new BitsTestServerOptions { HostId = "node7" }, Options(), strict);
        rig.Connect("node7", rig.Server);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("add it to TrustedOrigins"));
    }
#endif

    [Test]
    public async Task Later_changes_of_the_list_have_no_effect()
    {
        BitsUploadOptions options = Options(trusted: "http://node7/");
        using FarmRig rig = Farm("node7", "node7", options);
        options.TrustedOrigins.Clear();
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        Assert.That(At(rig.Server, "node7").Select(SecretsOf), Is.All.EquivalentTo(Defaults));
    }

    private static async Task<IEnumerable<string>> SecretsInDownloadAsync(string folder, string authority, string? trusted = null)
    {
        BitsUploadOptions options = Options(AddSecrets, trusted);
        options.AllowReplyFromAnyOrigin = true;
        Alteration moved = new((_, response) =>
        {
            if (response.Headers.TryGetValues("BITS-Reply-URL", out IEnumerable<string>? values))
            {
                string url = folder + values.Single().Replace('\\', '/');
                response.Headers.Remove("BITS-Reply-URL");
                response.Headers.Add("BITS-Reply-URL", url);
            }
        });
        using FarmRig rig = new(new BitsTestServerOptions { Reply = _ => [1, 2, 3] }, options, moved);
        rig.Connect(authority, rig.Server);
        AddSecrets(rig.Headers);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        await job.RunAsync();

        Assert.That(rig.Requests, Has.One.EqualTo($"{authority} GET"));
        return SecretsAt(rig.Server, authority);
    }

    private static FarmRig Farm(string hostId, string authority, BitsUploadOptions? options = null, bool hasDefaults = true)
    {
        FarmRig rig = new(new BitsTestServerOptions { HostId = hostId }, options);
        rig.Connect(authority, rig.Server);
        if (hasDefaults)
        {
            AddSecrets(rig.Headers);
        }

        return rig;
    }

    private static BitsUploadOptions Options(Action<BitsRequestContext>? prepare = null, string? trusted = null) => new()
    {
        FixedFragmentSize = 1000,
        TrustedOrigins = trusted is null ? [] : [new Uri(trusted)],
        PrepareRequest = prepare is null ? null : (context, _) =>
        {
            prepare(context);
            return ValueTask.CompletedTask;
        },
    };

    private static void AddSecrets(BitsRequestContext context)
    {
        foreach (string name in Defaults)
        {
            context.Request.Headers.Remove(name);
        }

        AddSecrets(context.Request.Headers);
        context.Request.Headers.Add("X-Hook-Key", "secret");
    }

    private static void AddSecrets(System.Net.Http.Headers.HttpRequestHeaders headers)
    {
        foreach (string name in Defaults)
        {
            headers.Add(name, "Basic secret");
        }
    }

    private static IEnumerable<BitsExchange> At(BitsTestServer server, string authority) =>
        server.Dialogue.Where(exchange => exchange.Url.Authority == authority);

    private static IEnumerable<string> SecretsAt(BitsTestServer server, string authority) =>
        At(server, authority).SelectMany(SecretsOf).Distinct();

    private static IEnumerable<string> SecretsOf(BitsExchange exchange) =>
        exchange.RequestHeaders.Where(header => header.Value.Contains("secret", StringComparison.Ordinal)).Select(header => header.Name);
}
