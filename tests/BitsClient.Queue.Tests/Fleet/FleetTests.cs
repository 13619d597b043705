using System.Diagnostics;
using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.Queue.Tests.Fleet;

/// <summary>Processes that upload are killed, stopped and terminated, and so is their database.</summary>
[NonParallelizable]
[Platform(Exclude = "Win", Reason = "The signals are those of POSIX.")]
public sealed class FleetTests
{
    // Set BITSCLIENT_FLEET to 1 for the full numbers. Only then are times asserted, because they need a machine that does nothing else.
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("BITSCLIENT_FLEET") == "1";

    [TestCase(BitsServerDialect.McBup)]
    [TestCase(BitsServerDialect.Win32)]
    [TimeLimit(600)]
    public async Task Every_file_arrives_once_although_one_of_three_processes_is_killed_again_and_again(BitsServerDialect dialect)
    {
        int uploads = IsFull ? 200 : 30;
        long rate = IsFull ? 0 : 4_000_000;
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.PostgreSql, dialect);
        Random random = new(1);

        // Only the acks of fragments are lost: a client that is not told of its session, or of its end, begins another one.
        rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(503), () => Chance(random));
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), () => Chance(random));
        rig.Server.InjectEvery(BitsPacketNames.CloseSession, new BitsFault.Answer(503), () => Chance(random));

        List<Guid> ids = [];
        for (int i = 0; i < uploads; i++)
        {
            ids.Add(await rig.EnqueueAsync($"{i}", (1 + random.Next(20)) * (IsFull ? 1_000_000 : 200_000)));
        }

        WorkerProcess[] workers = new WorkerProcess[3];
        for (int i = 0; i < workers.Length; i++)
        {
            (workers[i], _) = await WorkerProcess.StartAsync(rig.Database, rate: rate);
        }

        int kills;
        try
        {
            kills = await KillInTurnAsync(workers, rig.AssertArrivedAsync(ids), rig.Database, rate);
        }
        finally
        {
            Array.ForEach(workers, worker => worker.Dispose());
        }

        Assert.That(kills, Is.Positive);
        TestContext.Out.WriteLine(
            $"{kills} kills, {rig.Server.Sessions.Count} sessions for {uploads} files, {rig.Server.OpenSessionCount} left open.");
        int closed = rig.Server.Sessions.Count(session => session.State == BitsTestSessionState.Closed);
        Assert.That(closed, Is.InRange(uploads, uploads + kills));
        Assert.That(rig.Server.OpenSessionCount, Is.LessThanOrEqualTo(kills));

        // A process that was killed between the answer to Close-Session and its last write: the next one closes the session again.
        string[] closedAgain =
            [.. rig.Server.Violations.Where(text => text.Contains("but Close-Session (", StringComparison.Ordinal))];
        TestContext.Out.WriteLine($"{closedAgain.Length} sessions were closed again after a kill.");
        Assert.That(closedAgain, Has.Length.LessThanOrEqualTo(4 * kills));
        Assert.That(rig.Server.Violations.Except(closedAgain, StringComparer.Ordinal), Is.Empty);
    }

    [Test, TimeLimit(120)]
    public async Task The_uploads_of_a_process_that_was_killed_continue_when_their_leases_have_ended()
    {
        TimeSpan lease = TimeSpan.FromSeconds(IsFull ? 30 : 3);
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.PostgreSql);
        BitsGate[] gates = [.. Enumerable.Range(1, 4).Select(i => rig.Server.HoldAck(BitsPacketNames.Fragment, i))];
        List<Guid> ids = await rig.EnqueueAsync(4, 5_000_000);
        (WorkerProcess killed, _) = await WorkerProcess.StartAsync(rig.Database, lease: lease.TotalSeconds);
        using (killed)
        {
            await Task.WhenAll(gates.Select(gate => gate.Reached));
            (WorkerProcess other, _) = await WorkerProcess.StartAsync(rig.Database, lease: lease.TotalSeconds);
            using (other)
            {
                Stopwatch since = Stopwatch.StartNew();
                await killed.KillAsync();
                Array.ForEach(gates, gate => gate.Release());
                await rig.WhenAllAsync(upload => upload.Tries == 2);
                AssertTook(since.Elapsed, lease + TimeSpan.FromSeconds(1 + 2), "All continue");
                await rig.AssertArrivedAsync(ids);
            }
        }

        Assert.That(rig.Server.Sessions.Count(session => session.State == BitsTestSessionState.Closed), Is.EqualTo(4));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test, TimeLimit(120)]
    public async Task A_process_that_is_stopped_for_twice_its_lease_sends_nothing_more_when_it_continues()
    {
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.PostgreSql);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        Guid id = await rig.EnqueueAsync("file", 5_000_000);
        (WorkerProcess stopped, _) = await WorkerProcess.StartAsync(rig.Database, lease: 2);
        using (stopped)
        {
            await gate.Reached;
            await stopped.SignalAsync("STOP");
            (WorkerProcess other, _) = await WorkerProcess.StartAsync(rig.Database, lease: 2);
            using (other)
            {
                await rig.Queue.WaitAsync(id);
                int packets = rig.Server.Dialogue.Count;
                gate.Release();
                Stopwatch since = Stopwatch.StartNew();
                await stopped.SignalAsync("CONT");
                await stopped.WhenLineAsync("belongs to another process now");
                AssertTook(since.Elapsed, TimeSpan.FromSeconds(1), "The upload is stopped");
                await stopped.SignalAsync("TERM");
                await stopped.WhenExitedAsync();
                Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(packets));
            }
        }

        await rig.AssertArrivedAsync([id]);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test, TimeLimit(120)]
    public async Task A_process_that_is_terminated_puts_its_uploads_back_and_another_one_continues_them()
    {
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.PostgreSql);
        BitsGate[] gates = [.. Enumerable.Range(1, 4).Select(i => rig.Server.HoldAck(BitsPacketNames.Fragment, i))];
        List<Guid> ids = await rig.EnqueueAsync(4, 5_000_000);
        (WorkerProcess first, _) = await WorkerProcess.StartAsync(rig.Database, lease: 30);
        using (first)
        {
            await Task.WhenAll(gates.Select(gate => gate.Reached));
            (WorkerProcess second, _) = await WorkerProcess.StartAsync(rig.Database, lease: 30);
            using (second)
            {
                Stopwatch since = Stopwatch.StartNew();
                await first.SignalAsync("TERM");
                await rig.WhenAllAsync(upload => upload.Tries == 2);
                AssertTook(since.Elapsed, TimeSpan.FromSeconds(3), "All continue");
                await first.WhenExitedAsync();
                AssertTook(since.Elapsed, TimeSpan.FromSeconds(5), "It has exited");
                Assert.That(first.ExitCode, Is.Zero);
                Array.ForEach(gates, gate => gate.Release());
                await rig.AssertArrivedAsync(ids);
            }
        }

        // Their leases would have lasted for longer. A session without acknowledged bytes is replaced.
        Assert.That(rig.Server.Sessions.Count(session => session.State == BitsTestSessionState.Closed), Is.EqualTo(4));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [TestCase(false, TestName = "A_database_that_is_away_for_a_moment_stops_no_upload")]
    [TestCase(true, TestName = "A_database_that_is_away_for_longer_than_the_lease_loses_no_upload")]
    [TimeLimit(180)]
    public async Task A_database_that_is_away_loses_no_upload(bool outlivesLease)
    {
        (double lease, double away) = (IsFull, outlivesLease) switch
        {
            (false, false) => (3, 1),
            (false, true) => (3, 6),
            (true, false) => (30, 5),
            (true, true) => (30, 40),
        };
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.PostgreSql);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        List<Guid> ids = await rig.EnqueueAsync(10, 3_000_000);
        (WorkerProcess first, _) = await WorkerProcess.StartAsync(rig.Database, lease: lease);
        (WorkerProcess second, _) = await WorkerProcess.StartAsync(rig.Database, lease: lease);
        using (first)
        using (second)
        {
            await gate.Reached;
            await rig.PostgreSql!.StopAsync();
            await Task.Delay(TimeSpan.FromSeconds(away));
            gate.Release();
            await rig.PostgreSql.BeginAsync();
            await WaitAsync(rig, ids);
            await rig.AssertArrivedAsync(ids);
            IReadOnlyList<BitsQueuedUpload> uploads = await rig.Queue.ListAsync();
            TestContext.Out.WriteLine($"{uploads.Sum(upload => upload.Tries)} tries, {rig.Server.Sessions.Count} sessions.");
            Assert.That(uploads.Select(upload => upload.Tries), outlivesLease ? Has.Some.GreaterThan(1) : Is.All.EqualTo(1));
        }

        Assert.That(rig.Server.OpenSessionCount, Is.Zero);

        // An upload whose end could not be written is resumed. The server refuses its closed session, so it is uploaded again.
        string[] resumed = [.. rig.Server.Violations.Where(
            text => outlivesLease && text.Contains("was closed by Close-Session (", StringComparison.Ordinal))];
        Assert.That(rig.Server.Violations.Except(resumed, StringComparer.Ordinal), Is.Empty);
        Assert.That(resumed, Has.Length.LessThanOrEqualTo(rig.Server.Sessions.Count - ids.Count));
    }

    [Test, TimeLimit(300)]
    public async Task With_SQLite_every_file_arrives_although_the_process_is_killed_again_and_again()
    {
        int uploads = IsFull ? 50 : 15;
        int kills = IsFull ? 30 : 8;
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.Sqlite);
        List<Guid> ids = await rig.EnqueueAsync(uploads, 2_000_000);
        Random random = new(2);
        for (int i = 0; i < kills; i++)
        {
            (WorkerProcess worker, string? said) = await WorkerProcess.StartAsync(rig.Database, uploads: 2);
            using (worker)
            {
                Assert.That(said, Is.EqualTo("ready"));
                await rig.WhenPacketsAsync(Math.Min(rig.Server.Dialogue.Count + random.Next(12), 4 * uploads));
                await worker.KillAsync();
            }
        }

        (WorkerProcess last, _) = await WorkerProcess.StartAsync(rig.Database);
        using (last)
        {
            (WorkerProcess refused, string? said) = await WorkerProcess.StartAsync(rig.Database);
            using (refused)
            {
                Assert.That(said, Does.Contain("Another process uploads from this SQLite queue"));
            }

            await rig.AssertArrivedAsync(ids);
        }

        TestContext.Out.WriteLine($"{kills} kills, {rig.Server.Sessions.Count} sessions for {uploads} files.");
        Assert.That(rig.Server.OpenSessionCount, Is.LessThanOrEqualTo(kills * 2));
    }

    [TestCase(DatabaseKind.PostgreSql, TestName = "A_cancel_from_another_process_ends_the_session_at_any_moment")]
    [TestCase(DatabaseKind.Sqlite, TestName = "A_cancel_from_another_process_without_a_hint_ends_the_session_at_any_moment")]
    [TimeLimit(400)]
    public async Task A_cancel_from_another_process_ends_the_session(DatabaseKind kind)
    {
        int cancels = IsFull ? 100 : 20;
        bool hasHint = kind == DatabaseKind.PostgreSql;
        await using FleetRig rig = await FleetRig.StartAsync(kind);
        (WorkerProcess worker, _) = await WorkerProcess.StartAsync(rig.Database, lease: 6, rate: hasHint ? 0 : 4_000_000);
        Random random = new(3);
        Dictionary<BitsCancelOutcome, int> outcomes = [];
        TimeSpan longest = TimeSpan.Zero;
        using (worker)
        {
            for (int i = 0; i < cancels; i++)
            {
                int before = rig.Server.Dialogue.Count;
                Guid id = await rig.EnqueueAsync($"{i}", 8_000_000);
                await rig.WhenPacketsAsync(before + random.Next(4));
                Stopwatch since = Stopwatch.StartNew();
                Task<BitsCancelOutcome> canceling = rig.Queue.CancelAsync(id);
                if (await rig.SeesCancelAsync(before, canceling) && since.Elapsed > longest)
                {
                    longest = since.Elapsed;
                }

                BitsCancelOutcome outcome = await canceling;
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                bool isThere = rig.Server.HasFile($"/upload/{i}");
                Assert.That(isThere, Is.EqualTo(outcome == BitsCancelOutcome.AlreadyCompleted), $"{i}: {outcome}");
            }
        }

        TestContext.Out.WriteLine(string.Join(", ", outcomes.Select(pair => $"{pair.Value} {pair.Key}")));
        Assert.That(outcomes[BitsCancelOutcome.SessionCanceled], Is.Positive);

        // A heartbeat is a pause of a second, a statement, and the request.
        AssertTook(longest, TimeSpan.FromSeconds(hasHint ? 1 : 1.25), "The slowest Cancel-Session");
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        rig.Server.AssertNoViolations();
    }

    [Test, TimeLimit(120)]
    public async Task A_machine_whose_clock_is_five_minutes_off_uploads_like_the_others()
    {
        await using FleetRig rig = await FleetRig.StartAsync(DatabaseKind.PostgreSql);
        (WorkerProcess late, _) = await WorkerProcess.StartAsync(rig.Database, clockOffset: -300);
        (WorkerProcess early, _) = await WorkerProcess.StartAsync(rig.Database, clockOffset: 300);
        using (late)
        using (early)
        {
            List<Guid> ids = await rig.EnqueueAsync(20, 500_000);
            await rig.AssertArrivedAsync(ids);
            IReadOnlyList<BitsQueuedUpload> uploads = await rig.Queue.ListAsync();
            TestContext.Out.WriteLine($"The last one began after {uploads.Max(upload => upload.StartedAt - upload.EnqueuedAt)}.");
            foreach (BitsQueuedUpload upload in uploads)
            {
                Assert.That(upload.Tries, Is.EqualTo(1));
                Assert.That(upload.EndedAt - upload.EnqueuedAt, Is.LessThan(TimeSpan.FromMinutes(2)));
            }
        }

        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(20));
    }

    // Kills one process after the other, and starts it again, until all have arrived. Returns how often.
    private static async Task<int> KillInTurnAsync(WorkerProcess[] workers, Task arrived, string database, long rate)
    {
        int kills = 0;
        while (await Task.WhenAny(arrived, Task.Delay(TimeSpan.FromSeconds(IsFull ? 2 : 1))) != arrived)
        {
            int victim = kills++ % workers.Length;
            await workers[victim].KillAsync();
            workers[victim].Dispose();
            (workers[victim], _) = await WorkerProcess.StartAsync(database, rate: rate);
        }

        await arrived;
        return kills;
    }

    private static void AssertTook(TimeSpan time, TimeSpan limit, string what)
    {
        TestContext.Out.WriteLine($"{what} after {time.TotalSeconds:0.00} s; at most {limit.TotalSeconds} s.");
        Assert.That(!IsFull || time <= limit, Is.True, what);
    }

    private static bool Chance(Random random)
    {
        lock (random)
        {
            return random.Next(15) == 0;
        }
    }

    // The database that answers the question may be away.
    private static async Task WaitAsync(FleetRig rig, IEnumerable<Guid> ids)
    {
        foreach (Guid id in ids)
        {
            while (true)
            {
                try
                {
                    await rig.Queue.WaitAsync(id);
                    break;
                }
                catch (BitsQueueException e) when (e.IsTransient)
                {
                    await Task.Delay(100);
                }
            }
        }
    }
}
