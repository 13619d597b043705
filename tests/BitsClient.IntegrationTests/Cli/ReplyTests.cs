#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

internal sealed class ReplyTests : ToolTest
{
    private readonly byte[] _reply = RandomNumberGenerator.GetBytes(3000);

    protected override BitsTestServerOptions ServerOptions => new() { Reply = _ => _reply };

    [Test]
    public async Task The_reply_is_saved()
    {
        ToolRun run = await RunAsync("upload", File("a.bin", 10), Url("a.bin"), "--reply", PathOf("reply.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(await System.IO.File.ReadAllBytesAsync(PathOf("reply.bin")), Is.EqualTo(_reply));
        Assert.That(run.Output, Does.Contain($"reply of 3000 bytes in '{PathOf("reply.bin")}'"));
    }

    [Test]
    public async Task Serve_sends_a_file_as_the_reply()
    {
        ToolProcess serve = Start("serve", Directory.CreateDirectory(PathOf("served")).FullName, "--reply", File("answer.bin", 500));
        Uri root = new((await serve.ReadLineAsync())!);

        ToolRun run = await RunAsync("upload", File("a.bin", 10), new Uri(root, "a.bin").AbsoluteUri, "--reply", PathOf("reply.bin"));

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(
            await System.IO.File.ReadAllBytesAsync(PathOf("reply.bin")), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(PathOf("answer.bin"))));
    }
}
#endif
