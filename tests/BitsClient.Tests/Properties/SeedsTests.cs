using NUnit.Framework.Internal;

namespace BitsClient.Tests.Properties;

public sealed class SeedsTests
{
    [Test]
    public void The_seed_that_fails_is_told_with_how_to_replay_it()
    {
        List<int> played = [];
        Assert.That(
            () => Seeds.PlayAsync(10, seed =>
            {
                played.Add(seed);
                if (played.Count == (Seeds.Replayed is null ? 3 : 1))
                {
                    throw new FormatException();
                }
            }),
            Throws.TypeOf<FormatException>());

        string told = TestExecutionContext.CurrentContext.CurrentResult.Output;
        Assert.That(told, Does.Contain($"Seed {played[^1]} failed. To replay it: BITSCLIENT_SEED={played[^1]} dotnet test"));
        Assert.That(told, Does.Contain($"--filter Name={nameof(The_seed_that_fails_is_told_with_how_to_replay_it)}"));
    }
}
