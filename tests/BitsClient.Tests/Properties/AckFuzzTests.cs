using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Properties;

/// <summary>Whatever a server answers, reader, machine and table make a state or a documented failure of it, and patience has an end.</summary>
public sealed class AckFuzzTests
{
    // In parts, so that they run side by side and none takes long.
    private const int Parts = 4;
    private const int Acks = 30_000;
    private const int Walks = 5_000;
    private const int LongestWalk = 100;

    [Test]
    public async Task No_answer_breaks_a_promise([Range(1, Parts)] int part)
    {
        Dictionary<string, int> ends = [];
        await Seeds.PlayAsync(Acks, seed =>
        {
            string end = Answer(seed);
            ends[end] = ends.GetValueOrDefault(end) + 1;
        });
        TestContext.Out.WriteLine($"Part {part}: " + string.Join(", ", ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}")));
        if (Seeds.Replayed is not null)
        {
            return;
        }

        Assert.That(ends.Keys, Is.SupersetOf(new[] { "accepted", nameof(BitsServerException), nameof(BitsProtocolException) }));
    }

    /// <summary>A seed tells all, or replaying one would show nothing.</summary>
    [TestCase(1)]
    public void An_answer_can_be_replayed(int seed)
    {
        string end = Answer(seed);
        Assert.That(Answer(seed), Is.EqualTo(end));
    }

    [Test]
    public async Task Walks_keep_every_promise_and_stand_still_no_longer_than_the_budgets_allow()
    {
        int steps = 0;
        await Seeds.PlayAsync(Walks, seed =>
        {
            MachineWalk walk = new(seed);
            walk.Go(LongestWalk);
            steps += walk.Steps;
        });
        TestContext.Out.WriteLine($"{steps} steps.");
        Assert.That(steps, Is.GreaterThan(Seeds.Replayed is null ? 3 * Walks : 0));
    }

    [Test]
    public async Task Walks_with_a_server_that_grants_nothing_end()
    {
        int longest = 0;
        await Seeds.PlayAsync(Walks, seed =>
        {
            MachineWalk walk = new(seed) { GrantsNothing = true };
            walk.Go(walk.Bound);
            Assert.That(walk.HasEnded, Is.True, $"seed {seed}");
            longest = Math.Max(longest, walk.Steps);
        });
        TestContext.Out.WriteLine($"The longest had {longest} steps.");
    }

    // One answer in a state that an upload may be in.
    private static string Answer(int seed)
    {
        Random random = new(seed);
        UploadState state = PlausibleStates.Next(random);
        BitsPacket packet = random.Next(10) switch
        {
            0 => new BitsPacket.Ping(),
            1 => new BitsPacket.CancelSession(state.Session?.Id ?? "id"),
            2 => new BitsPacket.CloseSession(state.Session?.Id ?? "id", ContentName: null),
            _ => UploadMachine.Next(state)!,
        };
        UploadState sent = UploadMachine.Sent(state, packet, packet is BitsPacket.Fragment fragment ? random.NextInt64(fragment.Length + 1) : 0);
        using HttpResponseMessage response = new AckFuzz(random).Answer(sent);
        BitsAck ack = BitsAckReader.Read(response, DateTimeOffset.UnixEpoch);
        Transition turn = UploadMachine.Apply(sent, packet, ack, TimeSpan.FromSeconds(random.Next(100)));
        string[] broken = [.. MachinePromises.BrokenBy(state, packet, ack.IsSuccess, turn.State)];
        Assert.That(broken, Is.Empty, () => $"seed {seed}: {packet} answered by {ack}");
        if (turn.Failure is not { } failure)
        {
            return "accepted";
        }

        Assert.That(MachinePromises.BrokenBy(failure), Is.Empty, () => $"seed {seed}: {failure.Message}");
        Transition recovered = UploadMachine.Recover(turn.State, packet, failure, FailureTable.Of(failure, packet, turn.State));
        broken = [.. MachinePromises.BrokenBy(turn.State, packet, isSuccess: false, recovered.State)];
        Assert.That(broken, Is.Empty, () => $"seed {seed}: after {failure.Message}");
        return failure.GetType().Name;
    }
}
