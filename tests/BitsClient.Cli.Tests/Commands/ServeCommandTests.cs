using System.Runtime.InteropServices;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>What 'serve' writes about each upload.</summary>
public sealed class ServeCommandTests
{
    [Test]
    public async Task Each_upload_is_reported_when_it_ends()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        await using ToolInProcess serve = ToolInProcess.Start("serve", rig.Folder("served"));
        Uri root = new(await serve.OutputLineAsync("http://127.0.0.1:"));
        using HttpClient http = new();
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 1000, ProgressInterval = TimeSpan.Zero });

        await client.UploadFileAsync(rig.File("a.bin", 1), new Uri(root, "a%0ab.bin"));
        string finished = await serve.ErrorLineAsync("b.bin");
        string file = rig.File("c.bin", 5000);
        using CancellationTokenSource cancel = new();
        Assert.That(
            async () => await client.UploadFileAsync(file, new Uri(root, "c.bin"), new CancelAtFirstAck(cancel), cancel.Token),
            Throws.TypeOf<BitsUploadCanceledException>());
        string canceled = await serve.ErrorLineAsync("c.bin");
        serve.Signal(PosixSignal.SIGTERM);
        ToolRun run = await serve.EndAsync();

        Assert.That(finished, Is.EqualTo("/a b.bin: 1 byte"), "one line, although the name contains a line break");
        Assert.That(canceled, Is.EqualTo("/c.bin: canceled at 1000 of 5000 bytes"));
        Assert.That(run.ExitCode, Is.Zero);
    }

    private sealed class CancelAtFirstAck(CancellationTokenSource source) : IProgress<BitsUploadProgress>
    {
        public void Report(BitsUploadProgress value)
        {
            if (value.BytesAcknowledged > 0)
            {
                source.Cancel();
            }
        }
    }
}
