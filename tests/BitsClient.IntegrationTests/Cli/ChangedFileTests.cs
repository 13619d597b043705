#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class ChangedFileTests : StateTest
{
    [TestCase("longer", "4097 bytes now")]
    [TestCase("shorter", "4095 bytes now")]
    [TestCase("later", "last written to")]
    [TestCase("other bytes", "are others now", "--sha256")]
    public async Task Resume_refuses_a_file_that_was_changed_before_it_sends_anything(string change, string told, params string[] options)
    {
        string id = await LeaveAsync("a.bin", options);
        Change(PathOf("a.bin"), change);
        int before = Server.Dialogue.Count;

        ToolRun run = await RunAsync("resume", id, "--state", State);

        Assert.That(run.ExitCode, Is.EqualTo(1), run.Error);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("bitsclient: ").And.Contain(told));
        Assert.That(CommandIn(run.Error, "cancel"), Is.EqualTo((string[])["cancel", id, "--state", State]));
        Assert.That(Server.Dialogue, Has.Count.EqualTo(before));
        Assert.That(StateFiles, Has.Length.EqualTo(1));
        Assert.That(Server.OpenSessions, Is.EqualTo(1));
    }

    private static void Change(string path, string change)
    {
        DateTime time = System.IO.File.GetLastWriteTimeUtc(path);
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        bytes[0] ^= change == "other bytes" ? (byte)1 : (byte)0;
        int length = bytes.Length + (change == "longer" ? 1 : change == "shorter" ? -1 : 0);
        Array.Resize(ref bytes, length);
        System.IO.File.WriteAllBytes(path, bytes);
        System.IO.File.SetLastWriteTimeUtc(path, change == "later" ? time.AddSeconds(1) : time);
    }
}
#endif
