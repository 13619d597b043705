using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The whole 'cancel' command.</summary>
public sealed class CancelCommandTests
{
    [Test]
    public async Task All_uploads_are_canceled_and_a_checkpoint_that_cannot_be_read_is_reported_and_kept()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.LeaveAsync("a.bin");
        await rig.LeaveAsync("b.bin");
        string bad = Path.Combine(rig.State, "bad.json");
        await File.WriteAllTextAsync(bad, "{");

        ToolRun run = await ToolInProcess.RunAsync("cancel", "--all", "--state", rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.OutputLines, Has.Length.EqualTo(2));
        Assert.That(run.ErrorLines.Single(), Does.StartWith("bitsclient: ").And.Contain(bad).And.Contain("damaged"));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(rig.StateFiles, Is.EqualTo((string[])[bad]));
        Assert.That(await File.ReadAllTextAsync(bad), Is.EqualTo("{"));
    }

    [Test]
    public async Task A_folder_without_checkpoints_is_reported()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("cancel", "--all", "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.ErrorLines.Single(), Is.EqualTo($"bitsclient: There are no saved uploads in {rig.State}."));
    }

    [TestCase("7d", 7 * 24 * 60)]
    [TestCase("12h", 12 * 60)]
    [TestCase("30m", 30)]
    public async Task Only_uploads_older_than_the_age_are_canceled(string age, int minutes)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.SaveAsync("old", TimeSpan.FromMinutes(minutes + 2));
        Guid young = await rig.SaveAsync("young", TimeSpan.FromMinutes(minutes - 2));

        ToolRun run = await ToolInProcess.RunAsync("cancel", "--all", "--older-than", age, "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            rig.Packets(BitsPacketNames.CancelSession).Select(exchange => exchange.RequestHeader("BITS-Session-Id")),
            Is.EqualTo((string[])["old"]));
        Assert.That(rig.StateFiles.Select(Path.GetFileNameWithoutExtension), Is.EqualTo((string[])[$"{young}"]));
    }

    [Test]
    public async Task A_cancel_that_the_server_does_not_confirm_keeps_the_checkpoint()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");
        rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        ToolRun run = await ToolInProcess.RunAsync("cancel", id, "--state", rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(2).And.All.StartWith("bitsclient: "));
        Assert.That(run.ErrorLines[0], Does.Contain("the server answered 403"));
        Assert.That(run.ErrorLines[1], Does.Contain(id).And.Contain("the checkpoint is kept"));
        Assert.That(rig.StateFiles, Has.Length.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Forget_deletes_the_checkpoint_although_the_server_is_gone(bool all)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");
        string url = rig.Url("a.bin");
        await rig.StopServerAsync();
        int packets = rig.Server.Dialogue.Count;

        ToolRun run = await ToolInProcess.RunAsync("cancel", all ? "--all" : id, "--forget", "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Error, Is.Empty);
        Assert.That(
            run.OutputLines,
            Is.EqualTo((string[])[$"{id} ({url}): forgotten; its session may stay on the server until it expires"]));
        Assert.That(rig.StateFiles, Is.Empty);
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(packets));
    }

    [Test]
    public async Task Only_uploads_older_than_the_age_are_forgotten()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await rig.SaveAsync("old", TimeSpan.FromDays(8));
        Guid young = await rig.SaveAsync("young", TimeSpan.FromDays(6));

        ToolRun run = await ToolInProcess.RunAsync("cancel", "--all", "--forget", "--older-than", "7d", "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(rig.StateFiles.Select(Path.GetFileNameWithoutExtension), Is.EqualTo((string[])[$"{young}"]));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task The_message_about_an_earlier_session_claims_only_what_is_known()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        Guid id = await rig.SaveAsync("some", TimeSpan.Zero, earlierSessionIsUncertain: true);

        ToolRun run = await ToolInProcess.RunAsync("cancel", $"{id}", "--state", rig.State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            run.Output,
            Does.Contain("an earlier session or the complete file may remain on the server").And.Not.Contain("last bytes"));
    }

    [Test]
    public async Task A_cancel_uses_override_verb_and_headers()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin");

        await ToolInProcess.RunAsync("cancel", id, "--state", rig.State, "--override-verb", "--header", "X-One: 1");

        BitsExchange cancel = rig.Packets(BitsPacketNames.CancelSession).Single();
        Assert.That(cancel.Method, Is.EqualTo("POST"));
        Assert.That(cancel.RequestHeader("X-One"), Is.EqualTo("1"));
    }
}
