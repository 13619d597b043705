using System.Globalization;

#if NET8_0
// Another calendar and another minus sign change nothing that is sent, saved or reported.
[assembly: SetCulture("fa-IR"), SetUICulture("fa-IR")]
#endif

namespace BitsClient.Tests.Cultures;

/// <summary>
/// Shows that <c>LANG=tr_TR.UTF-8 dotnet test</c> runs all tests in that culture, but on .NET 8 in a Persian one.
/// </summary>
public sealed class EnvironmentCultureTests
{
#if NET8_0
    [Test]
    public void The_tests_run_in_a_Persian_culture() => Assert.That(CultureInfo.CurrentCulture.Name, Is.EqualTo("fa-IR"));
#else
    [Test, Platform(Exclude = "Win", Reason = "On Windows, the environment does not set the culture.")]
    public void The_tests_run_in_the_culture_that_the_environment_names()
    {
        string[] variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
        string? named = variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        Assume.That(named, Does.Match("^[a-z]{2}_[A-Z]{2}"), "the environment sets no culture");
        Assert.That(CultureInfo.CurrentCulture.Name, Is.EqualTo(named![..5].Replace('_', '-')));
    }
#endif
}
