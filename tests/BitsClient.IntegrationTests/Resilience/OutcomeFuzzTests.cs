#if NET10_0_OR_GREATER
using System.Globalization;
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>
/// Uploads over sockets with random faults, stops, cancels and kills. What each of them reports is compared with what the server holds.
/// </summary>
[TestFixture(BitsServerDialect.McBup, false, false)]
[TestFixture(BitsServerDialect.Win32, false, true)]
[TestFixture(BitsServerDialect.McBup, true, false)]
[TestFixture(BitsServerDialect.McBup, true, true)]
public sealed class OutcomeFuzzTests(BitsServerDialect dialect, bool appends, bool isFarm)
{
    private const string Variable = "BITSCLIENT_SEED";
    private const int Rounds = 500;
    private const int LimitInSeconds = 200;
    private static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(30);

    [Test, TimeLimit(LimitInSeconds)]
    public async Task No_report_contradicts_the_server()
    {
        string? replayed = Environment.GetEnvironmentVariable(Variable);
        int first = replayed is null ? Random.Shared.Next(int.MaxValue - Rounds) : int.Parse(replayed, CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"Seeds {first} to {first + Rounds - 1}; {Variable} sets the first one.");
        Dictionary<string, int> ends = [];
        for (int seed = first; seed < first + Rounds; seed++)
        {
            await using FuzzRound round = await FuzzRound.StartAsync(dialect, appends, isFarm, seed);
            string end = await round.PlayAsync().WaitAsync(RoundLimit);
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        TestContext.Out.WriteLine(string.Join(", ", ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}")));
        Assert.That(ends.Keys, Is.SupersetOf(new[] { "Completed", "SessionCanceled" }));
    }
}
#endif
