using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests;

/// <summary>
/// Who receives --header and --user: the server of the URL, and another host that it names only with --trust-host. The second host of the
/// server listens on another port.
/// </summary>
[NonParallelizable]
public sealed class TrustedHostTests
{
    private const string Password = "sesame";
    private const string Basic = "Basic bWU6c2VzYW1l";

    private static readonly BitsFault Challenge =
        new BitsFault.Answer(401) { Ack = false, Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")] };

    [SetUp]
    public void SetPassword() => Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, Password);

    [TearDown]
    public void RemovePassword() => Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, null);

    [TestCase("node7", "http://server:81/a", "http://node7:81/")]
    [TestCase("node7:8080", "http://server:81/a", "http://node7:8080/")]
    [TestCase("Node7", "https://server/a", "https://node7/")]
    [TestCase("192.0.2.7:443", "https://server/a", "https://192.0.2.7/")]
    [TestCase("[2001:db8::7]", "http://server/a", "http://[2001:db8::7]/")]
    [TestCase("[2001:db8::7]:8080", "http://server/a", "http://[2001:db8::7]:8080/")]
    public void A_host_has_the_scheme_of_the_URL_and_its_port_unless_it_names_one(string text, string url, string origin) =>
        Assert.That(TrustedHost.Parse(text)?.OriginFor(new Uri(url)).AbsoluteUri, Is.EqualTo(origin));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase(":80")]
    [TestCase("node7:")]
    [TestCase("node7:0")]
    [TestCase("node7:65536")]
    [TestCase("node7:-1")]
    [TestCase("http://node7")]
    [TestCase("node7/path")]
    [TestCase("me@node7")]
    [TestCase("*.farm.test")]
    [TestCase("2001:db8::7")]
    [TestCase("[2001:db8::7")]
    [TestCase("[2001:db8::7]80")]
    public async Task Any_other_text_is_wrong_usage(string text)
    {
        ToolRun run = await ToolInProcess.RunAsync("upload", "a.bin", "http://server/a.bin", "--trust-host", text);

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("--trust-host must be a host with or without a port, for example node7 or node7:8080"));
    }

    [Test]
    public async Task Headers_and_password_do_not_go_to_a_host_that_the_server_names()
    {
        await using Farm farm = await Farm.StartAsync();
        farm.Rig.Server.Inject(BitsPacketNames.CreateSession, Challenge);
        farm.Rig.Server.InjectEvery(BitsPacketNames.Ping, Challenge);

        ToolRun run = await farm.UploadAsync();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("if you trust it, use --trust-host."));
        Assert.That(farm.AtUrl.Select(Secrets), Is.EqualTo(new[] { (null, "12345"), (Basic, "12345") }));
        Assert.That(farm.AtNode, Is.Not.Empty);
        Assert.That(farm.AtNode.Select(Secrets), Is.All.EqualTo(((string?)null, "")));
    }

    [Test]
    public async Task With_trust_host_they_do()
    {
        await using Farm farm = await Farm.StartAsync();
        farm.Rig.Server.Inject(BitsPacketNames.Ping, Challenge);

        ToolRun run = await farm.UploadAsync("--trust-host", "localhost", "--trust-host", farm.Node);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(farm.AtNode.First().RequestHeader("Authorization"), Is.Null, "it has not asked yet");
        Assert.That(farm.AtNode.Skip(1).Select(Secrets), Is.All.EqualTo((Basic, "12345")));
    }

    [Test]
    public async Task A_resume_and_a_cancel_withhold_them_from_the_host_of_a_saved_session_too([Values("resume", "cancel")] string command)
    {
        await using Farm farm = await Farm.StartAsync();
        string id = await farm.Rig.LeaveAsync("a.bin");
        int before = farm.Rig.Server.Dialogue.Count;
        farm.Rig.Server.InjectEvery(command is "resume" ? BitsPacketNames.Fragment : BitsPacketNames.CancelSession, Challenge);

        ToolRun run = await Farm.RunAsync(command, id, "--state", farm.Rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        BitsExchange[] atNode = [.. farm.AtNode.Where(exchange => exchange.Sequence > before)];
        Assert.That(atNode, Is.Not.Empty);
        Assert.That(atNode.Select(Secrets), Is.All.EqualTo(((string?)null, "")));
    }

    [Test]
    public async Task A_resume_and_a_cancel_send_them_there_with_trust_host([Values("resume", "cancel")] string command)
    {
        await using Farm farm = await Farm.StartAsync();
        string id = await farm.Rig.LeaveAsync("a.bin");
        int before = farm.Rig.Server.Dialogue.Count;
        farm.Rig.Server.Inject(command is "resume" ? BitsPacketNames.Ping : BitsPacketNames.CancelSession, Challenge);

        ToolRun run = await Farm.RunAsync(command, id, "--state", farm.Rig.State, "--trust-host", farm.Node);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(farm.AtNode.Where(exchange => exchange.Sequence > before).Skip(1).Select(Secrets), Is.All.EqualTo((Basic, "12345")));
    }

    [Test]
    public async Task A_cancel_of_all_sends_them_to_the_server_of_each_URL_only()
    {
        await using ToolRig first = await ToolRig.StartAsync();
        await using ToolRig second = await ToolRig.StartAsync();
        await first.LeaveAsync("a.bin");
        BitsUploadCheckpoint own = (await first.Store.ListAsync()).Single().Checkpoint!;

        // The upload also left a session on the second server, which is not the origin of its URL.
        await first.Store.SaveAsync(own with
        {
            OtherSessions = [new() { Url = new Uri(second.Url("a.bin")), SessionId = "{1}" }],
        });
        int before = second.Server.Dialogue.Count;
        second.Server.InjectEvery(BitsPacketNames.CancelSession, Challenge);
        first.Server.Inject(BitsPacketNames.CancelSession, Challenge);

        ToolRun run = await ToolInProcess.RunAsync(
            "cancel", "--all", "--state", first.State, "--user", "me", "--header", "X-Api-Key: 12345");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(Secrets(first.Server.Dialogue[^1]), Is.EqualTo((Basic, "12345")));
        Assert.That(second.Server.Dialogue.Skip(before), Is.Not.Empty);
        Assert.That(second.Server.Dialogue.Skip(before).Select(Secrets), Is.All.EqualTo(((string?)null, "")));
    }

    [Test]
    public async Task A_reply_on_another_origin_is_not_requested()
    {
        await using ToolRig elsewhere = await ToolRig.StartAsync();
        await using ToolRig rig = await ToolRig.StartAsync(new BitsTestServerOptions { Reply = _ => [1] });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(200)
        {
            AfterHandling = true,
            Headers = [new("BITS-Received-Content-Range", "4096"), new("BITS-Reply-URL", elsewhere.Url("reply.bin"))],
        });

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--reply", rig.PathOf("reply.bin"), "--header", "X-Api-Key: 12345");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("BITS-Reply-URL"));
        Assert.That(elsewhere.Server.Dialogue, Is.Empty);
    }

    [TestCase(301)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_to_another_origin_is_not_followed(int status)
    {
        await using ToolRig elsewhere = await ToolRig.StartAsync();
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(
            BitsPacketNames.CreateSession,
            new BitsFault.Answer(status) { Ack = false, Headers = [new("Location", elsewhere.Url("a.bin"))] });

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 4096), rig.Url("a.bin"), "--user", "me", "--header", "X-Api-Key: 12345");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(elsewhere.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task The_trace_shows_neither_the_secrets_nor_that_withheld_ones_were_sent()
    {
        await using Farm farm = await Farm.StartAsync();

        ToolRun run = await farm.UploadAsync("--trace");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Not.Contain("12345").And.Not.Contain(Password));
        Assert.That(run.Error, Does.Contain("X-Api-Key: ***"), "to the server of the URL");
        Assert.That(run.ErrorLines, Has.Some.EqualTo("> X-Api-Key:"), "to the other");
    }

    private static (string? Authorization, string? Key) Secrets(BitsExchange exchange) =>
        (exchange.RequestHeader("Authorization"), exchange.RequestHeader("X-Api-Key"));

    /// <summary>A server on two ports: the first is that of the URL, the second is where it sends its sessions.</summary>
    private sealed class Farm : IAsyncDisposable
    {
        private readonly BitsTestHost _node;

        private Farm(ToolRig rig, BitsTestHost node) => (Rig, _node) = (rig, node);

        public ToolRig Rig { get; }

        public string Node => _node.BaseAddress.Authority;

        public IEnumerable<BitsExchange> AtNode => Rig.Server.Dialogue.Where(exchange => exchange.Host == _node.BaseAddress.AbsoluteUri);

        public IEnumerable<BitsExchange> AtUrl => Rig.Server.Dialogue.Except(AtNode);

        public static async Task<Farm> StartAsync()
        {
            BitsTestServerOptions options = new();
            ToolRig rig = await ToolRig.StartAsync(options);
            BitsTestHost node = await BitsTestHost.StartAsync(rig.Server);
            options.HostId = node.BaseAddress.Authority;
            return new Farm(rig, node);
        }

        public Task<ToolRun> UploadAsync(params string[] options) =>
            RunAsync(["upload", Rig.File("a.bin", 4096), Rig.Url("a.bin"), "--fragment-size", "1K", .. options]);

        public static Task<ToolRun> RunAsync(params string[] arguments) =>
            ToolInProcess.RunAsync([.. arguments, "--user", "me", "--header", "X-Api-Key: 12345"]);

        public async ValueTask DisposeAsync()
        {
            await _node.DisposeAsync();
            await Rig.DisposeAsync();
        }
    }
}
