#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

internal sealed class BadInputTests : ToolTest
{
    [TestCase("bogus")]
    [TestCase("upload", "FILE", "URL", "--user", "me")]
    [TestCase("list")]
    [TestCase("resume", "3f2a")]
    [TestCase("cancel", "3f2a")]
    [TestCase("ping")]
    [TestCase("serve", ".", "--port", "65536")]
    [TestCase("demo", "more")]
    public async Task Wrong_usage_writes_one_line_and_ends_with_exit_code_2(params string[] arguments)
    {
        string file = File("a.bin", 10);

        ToolRun run = await RunAsync([.. arguments.Select(argument => argument switch
        {
            "FILE" => file,
            "URL" => Url("a.bin"),
            _ => argument,
        })]);

        AssertRefused(run, exitCode: 2);
    }

    [Test]
    public async Task A_missing_file_is_reported_with_one_line_and_exit_code_1()
    {
        ToolRun run = await RunAsync("upload", PathOf("none.bin"), Url("a.bin"));

        AssertRefused(run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(PathOf("none.bin")));
    }

    private void AssertRefused(ToolRun run, int exitCode)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.StartWith("bitsclient: "));
        Assert.That(Server.Dialogue, Is.Empty);
    }
}
#endif
