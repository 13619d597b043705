#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

internal sealed class ServeTests(ToolBuild build) : ToolTest(build)
{
    [Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task Serve_writes_its_url_first_stores_files_and_ends_with_0_on_a_signal(string signal)
    {
        string folder = Rig.Folder("served");
        string file = Rig.File("a.bin", 5000);
        ToolProcess serve = Start("serve", folder);
        string? url = await serve.ReadLineAsync();
        Assert.That(url, Does.StartWith("http://127.0.0.1:"));

        ToolRun upload = await RunAsync("upload", file, new Uri(new Uri(url!), "in/b.bin").AbsoluteUri);
        Assert.That(upload.ExitCode, Is.Zero, upload.Error);
        await serve.SignalAsync(signal);
        ToolRun run = await serve.EndAsync();

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Is.EqualTo((string[])["/in/b.bin: 5000 bytes"]));
        Assert.That(
            await File.ReadAllBytesAsync(Path.Combine(folder, "in", "b.bin")), Is.EqualTo(await File.ReadAllBytesAsync(file)));
    }
}
#endif
