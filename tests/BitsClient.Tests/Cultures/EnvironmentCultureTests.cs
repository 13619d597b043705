using System.Globalization;

namespace BitsClient.Tests.Cultures;

/// <summary>The whole suite can run in another culture, as in <c>LANG=tr_TR.UTF-8 dotnet test</c>; here it is shown that it then does.</summary>
[Platform(Exclude = "Win", Reason = "There, the environment names no culture.")]
public sealed class EnvironmentCultureTests
{
    [Test]
    public void The_tests_run_in_the_culture_that_the_environment_names()
    {
        string? named = ((string[])["LC_ALL", "LC_MESSAGES", "LANG"]).Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        Assume.That(named, Does.Match("^[a-z]{2}_[A-Z]{2}"), "no culture is named");
        Assert.That(CultureInfo.CurrentCulture.Name, Is.EqualTo(named![..5].Replace('_', '-')));
    }
}
