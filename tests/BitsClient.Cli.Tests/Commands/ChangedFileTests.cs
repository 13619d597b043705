using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>An upload is not resumed if its file has changed.</summary>
public sealed class ChangedFileTests
{
    [TestCase("longer", "4097 bytes now")]
    [TestCase("shorter", "4095 bytes now")]
    [TestCase("later", "last written to")]
    [TestCase("other bytes", "have changed", "--sha256")]
    public async Task Resume_refuses_a_changed_file_before_it_sends_anything(string change, string message, params string[] options)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin", options);
        Change(rig.PathOf("a.bin"), change);
        int before = rig.Server.Dialogue.Count;

        ToolRun run = await ToolInProcess.RunAsync("resume", id, "--state", rig.State);

        Assert.That(run.ExitCode, Is.EqualTo(1), run.Error);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain(message));
        Assert.That(ToolRun.CommandIn(run.Error, "cancel"), Is.EqualTo((string[])["cancel", id, "--state", rig.State]));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(before));
        Assert.That(rig.StateFiles, Has.Length.EqualTo(1));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    private static void Change(string path, string change)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[0] ^= change == "other bytes" ? (byte)1 : (byte)0;
        int length = bytes.Length + (change == "longer" ? 1 : change == "shorter" ? -1 : 0);
        Array.Resize(ref bytes, length);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, change == "later" ? time.AddSeconds(1) : time);
    }
}
