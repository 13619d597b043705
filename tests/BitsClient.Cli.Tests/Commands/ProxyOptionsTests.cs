using System.Net;
using BitsClient.Cli.Http;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>--proxy and --proxy-user. The test server is the proxy and, for hosts that do not exist, the server behind it.</summary>
[NonParallelizable]
public sealed class ProxyOptionsTests
{
    private const string Url = "http://bits.test/a.bin";
    private const string ForProxy = "Basic eW91OnRyZWFzdXJl";
    private const string ForServer = "Basic bWU6c2VzYW1l";

    private static readonly BitsFault ProxyChallenge =
        new BitsFault.Answer(407) { Ack = false, Headers = [new("Proxy-Authenticate", "Basic realm=\"proxy\"")] };

    private static readonly BitsFault ServerChallenge =
        new BitsFault.Answer(401) { Ack = false, Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")] };

    [SetUp]
    public void SetPasswords()
    {
        Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, "sesame");
        Environment.SetEnvironmentVariable(ProxyFailures.PasswordVariable, "treasure");
    }

    [TearDown]
    public void RemovePasswords()
    {
        Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, null);
        Environment.SetEnvironmentVariable(ProxyFailures.PasswordVariable, null);
    }

    [Test]
    public async Task Packets_go_to_the_proxy()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), Url, "--proxy", rig.Url(""));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("Host")), Is.All.EqualTo("bits.test"));
    }

    [Test]
    public async Task Each_password_goes_only_where_it_belongs()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.Ping, ProxyChallenge);
        rig.Server.Inject(BitsPacketNames.Ping, ServerChallenge, occurrence: 2);

        ToolRun run = await ToolInProcess.RunAsync(
            "ping", Url, "--proxy", rig.Url(""), "--proxy-user", "you", "--user", "me", "--trace");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            rig.Server.Dialogue.Take(2).Select(Secrets),
            Is.EqualTo(new[] { (null, null), (ForProxy, (string?)null) }));
        Assert.That(Secrets(rig.Server.Dialogue[^1]).Server, Is.EqualTo(ForServer));
        Assert.That(run.Output + run.Error, Does.Not.Contain("treasure").And.Not.Contain("sesame").And.Not.Contain(ForProxy[6..]));
    }

    [Test]
    public async Task A_server_that_asks_like_a_proxy_gets_nothing()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.Ping, ProxyChallenge);

        ToolRun run = await ToolInProcess.RunAsync("ping", rig.Url("a.bin"), "--proxy-user", "you", "--user", "me");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(rig.Server.Dialogue.Select(Secrets), Is.All.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public async Task A_body_is_not_sent_twice_because_the_proxy_asks_each_time()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.CreateSession, ProxyChallenge);
        rig.Server.Inject(BitsPacketNames.Fragment, ProxyChallenge);
        rig.Server.Inject(BitsPacketNames.Fragment, ProxyChallenge, occurrence: 3);

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 8192), Url, "--proxy", rig.Url(""), "--proxy-user", "you", "--fragment-size", "4K", "--json");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Packets(BitsPacketNames.Fragment).Count(), Is.EqualTo(4));
        Assert.That(run.Output, Does.Contain("\"resent\":0"));
    }

    [Test]
    public async Task A_proxy_that_requires_authentication_is_named_with_the_option()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, ProxyChallenge);

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), Url, "--proxy", rig.Url(""), "--json");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines, Is.EqualTo((string[])[
            $"bitsclient: The proxy {rig.Url("").TrimEnd('/')} answered 407: it requires authentication. Use --proxy-user NAME, with the "
            + "password in the environment variable BITSCLIENT_PROXY_PASSWORD."]));
        Assert.That(run.Output, Does.Contain("\"status\":407"));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(1), "it is not tried again");
    }

    [Test]
    public async Task A_wrong_password_for_the_proxy_is_wrong_not_missing()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.Ping, ProxyChallenge);

        ToolRun run = await ToolInProcess.RunAsync("ping", Url, "--proxy", rig.Url(""), "--proxy-user", "you");

        Assert.That(run.ErrorLines, Is.EqualTo((string[])[
            $"bitsclient: The proxy {rig.Url("").TrimEnd('/')} answered 407: the user name or the password is wrong. Check --proxy-user "
            + "and the environment variable BITSCLIENT_PROXY_PASSWORD."]));
    }

    [Test]
    public void A_tunnel_that_requires_authentication_is_named_as_well()
    {
        HttpRequestException refused = new(
            HttpRequestError.ProxyTunnelError, "It refused.", null, HttpStatusCode.ProxyAuthenticationRequired);
        WebProxy proxy = new("http://proxy:8080");
        using HttpMessageInvoker http = new(new ProxyFailures(proxy, hasUser: false, new AnswerHandler(_ => throw refused)));
        using HttpRequestMessage request = new(HttpMethod.Post, "https://bits.test/a.bin");

        Assert.That(
            async () => await http.SendAsync(request, CancellationToken.None),
            Throws.TypeOf<BitsServerException>()
                .With.Message.StartsWith("The proxy http://proxy:8080 answered 407: it requires authentication."));
    }

    [Test]
    public async Task A_proxy_that_cannot_be_reached_is_named()
    {
        ToolRun run = await ToolInProcess.RunAsync("ping", Url, "--proxy", "http://127.0.0.1:1");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(
            run.Error,
            Does.Contain("Ping to http://bits.test/a.bin: there was no answer: the proxy http://127.0.0.1:1 cannot be used: "));
    }

    [Test]
    public async Task A_SOCKS_proxy_resolves_the_host_and_receives_the_user()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await using SocksProxy proxy = SocksProxy.Start(new Uri(rig.Url("")));

        ToolRun run = await ToolInProcess.RunAsync("ping", Url, "--proxy", proxy.Url, "--proxy-user", "you", "--user", "me");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That((proxy.Host, proxy.User), Is.EqualTo(("bits.test", "you:treasure")));
        Assert.That(rig.Server.Dialogue.Select(Secrets), Is.All.EqualTo(((string?)null, (string?)null)));
    }

    private static (string? Proxy, string? Server) Secrets(BitsExchange exchange) =>
        (exchange.RequestHeader("Proxy-Authorization"), exchange.RequestHeader("Authorization"));
}
