#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using System.Text.Json;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class Sha256Tests : StateTest
{
    [Test]
    public async Task The_hash_is_that_of_the_file()
    {
        string file = File("a.bin", 300_001);

        ToolRun told = await RunAsync("upload", file, Url("a.bin"), "--fragment-size", "100K", "--sha256");
        ToolRun json = await RunAsync("upload", file, Url("b.bin"), "--sha256", "--json");

        Assert.That(told.Output, Does.Contain($"SHA-256 {HashOf(file)}"));
        Assert.That(Sha256In(json), Is.EqualTo(HashOf(file)));
    }

    [TestCase(true, false)]
    [TestCase(true, true)]
    [TestCase(false, true)]
    public async Task It_is_that_of_the_whole_file_after_a_resume_as_well(bool first, bool then)
    {
        string id = await LeaveAsync("a.bin", first ? ["--sha256"] : []);

        ToolRun run = await RunAsync(["resume", id, "--state", State, "--json", .. then ? (string[])["--sha256"] : []]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Sha256In(run), Is.EqualTo(HashOf(PathOf("a.bin"))));
    }

    private static string HashOf(string path) => Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(path))).ToLowerInvariant();

    private static string? Sha256In(ToolRun run)
    {
        using JsonDocument json = JsonDocument.Parse(run.Output);
        return json.RootElement.GetProperty("sha256").GetString();
    }
}
#endif
