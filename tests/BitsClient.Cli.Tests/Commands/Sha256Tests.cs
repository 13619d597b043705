using System.Security.Cryptography;
using System.Text.Json;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The hash that --sha256 shows.</summary>
public sealed class Sha256Tests
{
    [Test]
    public async Task The_hash_is_that_of_the_file()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string file = rig.File("a.bin", 300_001);

        ToolRun text = await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"), "--fragment-size", "100K", "--sha256");
        ToolRun json = await ToolInProcess.RunAsync("upload", file, rig.Url("b.bin"), "--sha256", "--json");

        Assert.That(text.Output, Does.Contain($"SHA-256 {HashOf(file)}"));
        Assert.That(Sha256In(json), Is.EqualTo(HashOf(file)));
    }

    [TestCase(true, false)]
    [TestCase(true, true)]
    [TestCase(false, true)]
    public async Task After_a_resume_the_hash_is_still_that_of_the_whole_file(bool first, bool then)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string id = await rig.LeaveAsync("a.bin", first ? ["--sha256"] : []);

        ToolRun run = await ToolInProcess.RunAsync(["resume", id, "--state", rig.State, "--json", .. then ? (string[])["--sha256"] : []]);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Sha256In(run), Is.EqualTo(HashOf(rig.PathOf("a.bin"))));
    }

    private static string HashOf(string path) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))).ToLowerInvariant();

    private static string? Sha256In(ToolRun run)
    {
        using JsonDocument json = JsonDocument.Parse(run.Output);
        return json.RootElement.GetProperty("sha256").GetString();
    }
}
