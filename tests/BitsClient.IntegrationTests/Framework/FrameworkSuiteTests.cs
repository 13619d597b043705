#if NET10_0_OR_GREATER
using BitsClient.IntegrationTests.Cli;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Framework;

/// <summary>The unit tests on .NET Framework, but for those of what it does not have.</summary>
internal sealed class FrameworkSuiteTests
{
    private const int LimitInSeconds = 300;

    [Test, TimeLimit(LimitInSeconds + 30)]
    public async Task The_unit_tests_pass_under_Mono()
    {
        Mono.IgnoreIfMissing();
        DirectoryInfo work = Directory.CreateTempSubdirectory("bitsclient-nunit-");
        try
        {
            using ToolProcess tests = Mono.StartTests(work.FullName, TimeSpan.FromSeconds(LimitInSeconds));
            ToolRun run = await tests.EndAsync();
            TestContext.Out.WriteLine(run.OutputLines.LastOrDefault(line => line.Contains("Test Count:", StringComparison.Ordinal)));
            Assert.That(run.ExitCode, Is.Zero, run.Output);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
#endif
