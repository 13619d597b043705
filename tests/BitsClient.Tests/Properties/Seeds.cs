using System.Globalization;

namespace BitsClient.Tests.Properties;

/// <summary>
/// The seeds of a randomized test: different ones each time, or the one in an environment variable. For a seed that fails, the test prints
/// how to replay it.
/// </summary>
internal static class Seeds
{
    public const string Variable = "BITSCLIENT_SEED";

    /// <summary>The seed to replay, or null.</summary>
    public static int? Replayed =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : null;

    /// <summary>Plays this many seeds, or only the one to replay.</summary>
    public static async Task PlayAsync(int count, Func<int, Task> play)
    {
        int first = Replayed ?? Random.Shared.Next(int.MaxValue - count);
        int last = Replayed ?? first + count - 1;
        TestContext.Out.WriteLine($"Seeds {first} to {last}.");
        for (int seed = first; seed <= last; seed++)
        {
            try
            {
                await play(seed);
            }
            catch
            {
                TestContext.Out.WriteLine(HowToReplay(seed, TestContext.CurrentContext.Test.MethodName!));
                throw;
            }
        }
    }

    public static Task PlayAsync(int count, Action<int> play) =>
        PlayAsync(count, seed =>
        {
            play(seed);
            return Task.CompletedTask;
        });

    public static string HowToReplay(int seed, string test) =>
        $"Seed {seed} failed. To replay it: {Variable}={seed} dotnet test tests/BitsClient.Tests --filter Name={test}";
}
