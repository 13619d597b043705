using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>Cancels at random moments over real sockets: no session stays open, and the outcome matches the server's state.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class CancelOverSocketsTests(BitsServerDialect dialect)
{
    private const int Cancels = 160;

    private readonly byte[] _file = new byte[1_000_000];

    [Test]
    public async Task No_cancel_leaves_a_session_and_every_outcome_is_correct()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        Random random = new(seed);
        random.NextBytes(_file);
        BitsUploadOptions options = new() { FixedFragmentSize = 64 * 1024, ProgressInterval = TimeSpan.Zero };
        await using SocketRig rig = await SocketRig.StartAsync(dialect, options);
        Dictionary<string, int> outcomes = [];
        for (int i = 0; i < Cancels; i++)
        {
            string outcome = await CancelAsync(rig, $"upload/{i}.bin", CancelAt.Random(random, _file.Length));
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        TestContext.Out.WriteLine(string.Join(", ", outcomes));
        rig.Server.AssertNoViolations();
        Assert.That(outcomes.Keys, Is.SupersetOf(new[] { "SessionCanceled", "Completed" }));
    }

    private async Task<string> CancelAsync(SocketRig rig, string path, CancelAt cancel)
    {
        await using IBitsUploadJob job = rig.CreateJob(_file, path);
        string outcome = await cancel.RunAsync(job);
        await cancel.Fired;
        await rig.Server.WhenSettledAsync();

        string what = $"{path}, {cancel}: {outcome}";
        Assert.That(rig.Server.OpenSessionCount, Is.Zero, what);
        BitsTestSessionState? state = rig.Server.Sessions.SingleOrDefault(session => session.Path == $"/{path}")?.State;
        Assert.That(outcome, Is.AnyOf("Completed", "SessionCanceled", "NotStarted", "Unconfirmed"), what);
        if (outcome != "Unconfirmed")
        {
            BitsTestSessionState? expected = outcome switch
            {
                "Completed" => BitsTestSessionState.Closed,
                "SessionCanceled" => BitsTestSessionState.Canceled,
                _ => null,
            };
            Assert.That(state, Is.EqualTo(expected), what);
            Assert.That(rig.Server.HasFile($"/{path}"), Is.EqualTo(outcome == "Completed"), what);
        }

        if (rig.Server.HasFile($"/{path}"))
        {
            Assert.That(rig.Server.GetFile($"/{path}").AsSpan().SequenceEqual(_file), Is.True, what);
        }

        return outcome;
    }
}
