using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>A user in the URL argument, as in http://me:password@server/a.zip.</summary>
[NonParallelizable]
public sealed class UrlUserTests
{
    private const string Basic = "Basic bWVAaG9tZTpzZXM6YW1l";

    private static readonly BitsFault Challenge =
        new BitsFault.Answer(401) { Ack = false, Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")] };

    [TearDown]
    public void RemovePassword() => Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, null);

    [Test]
    public async Task It_is_sent_if_the_server_asks_and_a_warning_says_that_others_can_read_it()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.CreateSession, Challenge);

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 10), WithUser(rig, "me%40home:ses%3Aame"), "--trace", "--json");

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.Server.Dialogue.Skip(1).Select(exchange => exchange.RequestHeader("Authorization")), Is.All.EqualTo(Basic));
        Assert.That(run.ErrorLines[0], Is.EqualTo(
            "bitsclient: Warning: other users of this computer can read the password in the URL. Use --user, with the password in the "
            + "environment variable BITSCLIENT_PASSWORD."));
        Assert.That(
            run.Output + run.Error, Does.Not.Contain("ame@").And.Not.Contain("home").And.Not.Contain("ses:").And.Not.Contain("ses%"));
    }

    [Test]
    public async Task It_is_not_saved()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(403));

        ToolRun run = await ToolInProcess.RunAsync(
            "upload", rig.File("a.bin", 10), WithUser(rig, "me%40home:ses%3Aame"), "--state", rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That((await rig.Store.ListAsync()).Single().Checkpoint?.Url.OriginalString, Is.EqualTo(rig.Url("a.bin")));
        Assert.That(await File.ReadAllTextAsync(rig.StateFiles.Single()), Does.Not.Contain("home").And.Not.Contain("ses%"));
    }

    [Test]
    public async Task Without_a_password_it_is_that_of_the_environment_and_needs_no_warning()
    {
        Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, "ses:ame");
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.Inject(BitsPacketNames.Ping, Challenge);

        ToolRun run = await ToolInProcess.RunAsync("ping", WithUser(rig, "me%40home"));

        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(rig.Server.Dialogue[^1].RequestHeader("Authorization"), Is.EqualTo(Basic));
    }

    [Test]
    public async Task Without_any_password_it_is_wrong_usage()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("ping", WithUser(rig, "me"));

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("requires the password in the environment variable BITSCLIENT_PASSWORD"));
    }

    [Test]
    public async Task A_wrong_password_is_wrong_not_missing()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, Challenge);

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), WithUser(rig, "me:sesame"), "--quiet");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("The user name or the password is wrong").And.Not.Contain("sesame"));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(2), "without and with credentials");
    }

    [Test]
    public async Task Two_users_are_wrong_usage()
    {
        Environment.SetEnvironmentVariable(ServerConnection.PasswordVariable, "sesame");
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("ping", WithUser(rig, "me:sesame"), "--user", "you");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("Specify the user either with --user or in the URL").And.Not.Contain("sesame"));
    }

    private static string WithUser(ToolRig rig, string user) => rig.Url("a.bin").Replace("//", $"//{user}@", StringComparison.Ordinal);
}
