#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

internal sealed class ServeTests : ToolTest
{
    [Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
    [TestCase("INT")]
    [TestCase("TERM")]
    public async Task The_url_comes_first_the_files_are_stored_and_a_signal_ends_it_with_0(string signal)
    {
        string folder = Directory.CreateDirectory(PathOf("served")).FullName;
        string file = File("a.bin", 5000);
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
            await System.IO.File.ReadAllBytesAsync(Path.Combine(folder, "in", "b.bin")), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(file)));
    }

    [Test]
    public async Task Each_upload_is_told_of_as_it_ends()
    {
        ToolProcess serve = Start("serve", Directory.CreateDirectory(PathOf("served")).FullName);
        Uri root = new((await serve.ReadLineAsync())!);
        using HttpClient http = new();
        BitsUploadClient client = new(http, new BitsUploadOptions { FragmentSize = 1000, ProgressInterval = TimeSpan.Zero });

        await client.UploadFileAsync(File("a.bin", 1), new Uri(root, "a%0ab.bin"));
        string finished = await serve.ErrorLineAsync("b.bin");
        using CancellationTokenSource cancel = new();
        Assert.That(
            async () => await client.UploadFileAsync(File("c.bin", 5000), new Uri(root, "c.bin"), new CancelAtFirstAck(cancel), cancel.Token),
            Throws.TypeOf<BitsUploadCanceledException>());
        string cancelled = await serve.ErrorLineAsync("c.bin");

        Assert.That(finished, Is.EqualTo("/a b.bin: 1 byte"), "one line, whatever is in a name");
        Assert.That(cancelled, Is.EqualTo("/c.bin: cancelled at 1000 of 5000 bytes"));
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
#endif
