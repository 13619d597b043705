using NUnit.Framework.Internal;

namespace BitsClient.Tests.Properties;

/// <summary>The output of a randomized test that fails.</summary>
public sealed class SeedsTests
{
    [Test]
    public void A_seed_that_fails_is_printed_with_how_to_replay_it()
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

        string output = TestExecutionContext.CurrentContext.CurrentResult.Output;
        Assert.That(output, Does.Contain($"Seed {played[^1]} failed. To replay it: BITSCLIENT_SEED={played[^1]} dotnet test"));
        Assert.That(output, Does.Contain($"--filter Name={nameof(A_seed_that_fails_is_printed_with_how_to_replay_it)}"));
    }
}
