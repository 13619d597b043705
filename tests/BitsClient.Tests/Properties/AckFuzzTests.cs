using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Properties;

/// <summary>
/// Whatever a server answers, it leads to a valid state or a documented failure, and the retries are bounded.
/// </summary>
public sealed class AckFuzzTests
{
    // In parts that run in parallel, so that none takes long.
    private const int Parts = 4;
    private const int Acks = 30_000;
    private const int Walks = 5_000;
    private const int LongestWalk = 100;

    [Test]
    public async Task No_answer_breaks_a_rule([Range(1, Parts)] int part)
    {
        Dictionary<string, int> ends = [];
        await Seeds.PlayAsync(Acks, seed =>
        {
            string end = Answer(seed);
            ends[end] = ends.GetValueOrDefault(end) + 1;
        });
        IEnumerable<string> counts = ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value} {end.Key}");
        TestContext.Out.WriteLine($"Part {part}: {string.Join(", ", counts)}");
        if (Seeds.Replayed is not null)
        {
            return;
        }

        Assert.That(ends.Keys, Is.SupersetOf(new[] { "accepted", nameof(BitsServerException), nameof(BitsProtocolException) }));
    }

    /// <summary>The seed determines everything; otherwise replaying one would be useless.</summary>
    [TestCase(1)]
    public void An_answer_can_be_replayed(int seed)
    {
        string end = Answer(seed);
        Assert.That(Answer(seed), Is.EqualTo(end));
    }

    [Test]
    public async Task Random_walks_keep_every_rule_and_stand_still_no_longer_than_the_budgets_allow()
    {
        (int steps, int questions) = (0, 0);
        await Seeds.PlayAsync(Walks, seed =>
        {
            MachineWalk walk = new(seed);
            walk.Go(LongestWalk);
            steps += walk.Steps;
            questions += walk.Questions;
        });
        TestContext.Out.WriteLine($"{steps} steps, {questions} questions.");
        Assert.That(steps, Is.GreaterThan(Seeds.Replayed is null ? 3 * Walks : 0));
        Assert.That(questions, Is.GreaterThan(Seeds.Replayed is null ? Walks / 10 : -1));
    }

    [Test]
    public async Task Random_walks_with_a_server_that_acknowledges_nothing_end()
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

    // One answer in a plausible state of an upload.
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
        long handedOver = packet is BitsPacket.Fragment fragment ? random.NextInt64(fragment.Length + 1) : 0;
        UploadState sent = UploadMachine.Sent(state, packet, new SentContent(handedOver, handedOver));
        using HttpResponseMessage response = new AckFuzz(random).Answer(sent);
        BitsAck ack = BitsAckReader.Read(response, DateTimeOffset.UnixEpoch);
        Transition transition = UploadMachine.Apply(sent, packet, ack, TimeSpan.FromSeconds(random.Next(100)));
        string[] broken = [.. MachinePromises.BrokenBy(state, packet, ack.IsSuccess, transition.State)];
        Assert.That(broken, Is.Empty, () => $"seed {seed}: {packet} answered by {ack}");
        if (transition.Failure is not { } failure)
        {
            return "accepted";
        }

        Assert.That(MachinePromises.BrokenBy(failure), Is.Empty, () => $"seed {seed}: {failure.Message}");
        Transition recovered = UploadRecovery.Apply(transition.State, packet, failure, FailureTable.Of(failure, packet, transition.State));
        broken = [.. MachinePromises.BrokenBy(transition.State, packet, isSuccess: false, recovered.State)];
        Assert.That(broken, Is.Empty, () => $"seed {seed}: after {failure.Message}");
        return failure.GetType().Name;
    }
}
