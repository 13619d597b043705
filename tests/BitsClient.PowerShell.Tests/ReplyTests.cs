using BitsClient.PowerShell.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.PowerShell.Tests;

internal sealed class ReplyTests : PowerShellTest
{
    protected override BitsTestServerOptions? ServerOptions => new() { Reply = _ => "the reply"u8.ToArray() };

    [Test]
    public async Task The_reply_is_saved_to_its_file_and_each_file_needs_its_own()
    {
        Rig.File("a.bin", 100);
        Rig.File("b.bin", 100);
        string[] lines = await RunAsync(
            """
            Send-BitsFile a.bin, b.bin $url -ReplyFile reply.txt -ErrorVariable failed 2>$null
            Get-Content reply.txt
            $failed.FullyQualifiedErrorId.Split(',')[0]
            """);
        Assert.That(lines, Is.EqualTo(["the reply", "ReplyFileInUse"]));
        Assert.That(Rig.Server.HasFile("/b.bin"), Is.False);
    }
}
