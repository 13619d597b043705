#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

/// <summary>Invalid input, with the tool as a process. The tests that run the tool in process cover all other invalid arguments.</summary>
internal sealed class BadInputTests(ToolBuild build) : ToolTest(build)
{
    [TestCase("bogus")]
    [TestCase("upload", "FILE", "URL", "--user", "me")]
    public async Task Wrong_usage_writes_one_line_and_ends_with_exit_code_2(params string[] arguments)
    {
        string file = Rig.File("a.bin", 10);

        ToolRun run = await RunAsync([.. arguments.Select(argument => argument switch
        {
            "FILE" => file,
            "URL" => Rig.Url("a.bin"),
            _ => argument,
        })]);

        AssertRefused(run, exitCode: 2);
    }

    [Test]
    public async Task A_missing_file_is_reported_with_one_line_and_exit_code_1()
    {
        ToolRun run = await RunAsync("upload", Rig.PathOf("none.bin"), Rig.Url("a.bin"));

        AssertRefused(run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(Rig.PathOf("none.bin")));
    }

    private void AssertRefused(ToolRun run, int exitCode)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.StartWith("bitsclient: "));
        Assert.That(Rig.Server.Dialogue, Is.Empty);
    }
}
#endif
