#if NET10_0_OR_GREATER
using System.Globalization;
using System.Text.RegularExpressions;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Framework;

/// <summary>The unit tests on .NET Framework, but for those of what it does not have.</summary>
internal sealed class FrameworkSuiteTests
{
    private const int LimitInSeconds = 300;
    private const int FewestTests = 1700;

    [Test, TimeLimit(LimitInSeconds + 30)]
    public async Task The_unit_tests_pass_under_Mono()
    {
        Mono.IgnoreIfMissing();
        DirectoryInfo work = Directory.CreateTempSubdirectory("bitsclient-nunit-");
        try
        {
            using ToolProcess tests = Mono.StartTests(work.FullName, TimeSpan.FromSeconds(LimitInSeconds));
            ToolRun run = await tests.EndAsync();
            Assert.That(run.ExitCode, Is.Zero, run.Output);
            Match passed = Regex.Match(
                run.Output, @"Passed: (?<count>\d+), Failed: 0,", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
            TestContext.Out.WriteLine(passed.Value);
            Assert.That(int.Parse(passed.Groups["count"].Value, CultureInfo.InvariantCulture), Is.GreaterThan(FewestTests), run.Output);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
#endif
