#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class ResumedReplyTests : StateTest
{
    private readonly byte[] _reply = RandomNumberGenerator.GetBytes(3000);

    protected override BitsTestServerOptions ServerOptions => new() { Reply = _ => _reply };

    [Test]
    public async Task The_reply_of_a_resumed_upload_is_saved_where_the_upload_wanted_it()
    {
        string id = await LeaveAsync("a.bin", "--reply", PathOf("reply.bin"));

        ToolRun run = await RunAsync("resume", id, "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(await System.IO.File.ReadAllBytesAsync(PathOf("reply.bin")), Is.EqualTo(_reply));
        await AssertArrivedAsync("a.bin");
    }
}
#endif
