#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class ReplyTests(ToolBuild build) : ToolTest(build)
{
    private readonly byte[] _reply = RandomNumberGenerator.GetBytes(3000);

    protected override BitsTestServerOptions? ServerOptions => new() { Reply = _ => _reply };

    [Test]
    public async Task The_reply_is_saved()
    {
        ToolRun run = await RunAsync("upload", Rig.File("a.bin", 10), Rig.Url("a.bin"), "--reply", Rig.PathOf("reply.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(await File.ReadAllBytesAsync(Rig.PathOf("reply.bin")), Is.EqualTo(_reply));
        Assert.That(run.Output, Does.Contain($"reply of 3000 bytes in '{Rig.PathOf("reply.bin")}'"));
    }

    [Test]
    public async Task Serve_sends_a_file_as_the_reply()
    {
        ToolProcess serve = Start("serve", Rig.Folder("served"), "--reply", Rig.File("answer.bin", 500));
        Uri root = new((await serve.ReadLineAsync())!);

        string url = new Uri(root, "a.bin").AbsoluteUri;
        ToolRun run = await RunAsync("upload", Rig.File("a.bin", 10), url, "--reply", Rig.PathOf("reply.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            await File.ReadAllBytesAsync(Rig.PathOf("reply.bin")),
            Is.EqualTo(await File.ReadAllBytesAsync(Rig.PathOf("answer.bin"))));
    }
}
#endif
