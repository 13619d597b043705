#if NET10_0_OR_GREATER
using System.Diagnostics;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A queue on SQLite, whose commands and whose worker are processes.</summary>
[Platform(Exclude = "Win", Reason = "Windows has no kill command to send a signal.")]
internal sealed class QueueTests(ToolBuild build) : ToolTest(build)
{
    private string Db => Rig.PathOf("queue.db");

    [Test]
    public async Task Files_are_added_watched_uploaded_listed_and_forgotten()
    {
        string[] ids = await AddAsync("a.bin", "b.bin");
        ToolProcess worker = StartWorker();

        ToolRun watched = await QueueAsync("watch", ids[1][..8]);
        await worker.ErrorLineAsync($"was uploaded ({ids[0]})");
        ToolRun listed = await QueueAsync("list", "--status", "transferred");
        ToolRun forgotten = await QueueAsync("forget", "--all");
        await worker.SignalAsync("INT");
        ToolRun stopped = await worker.EndAsync();

        Assert.That(watched.ExitCode, Is.Zero, watched.Error);
        Assert.That(watched.Output, Does.StartWith($"Uploaded '{Rig.PathOf("b.bin")}' to {Rig.Url("b.bin")}: 4096 bytes"));
        Assert.That(listed.OutputLines.Select(line => line.Split(' ')[0]), Is.EqualTo(ids), listed.Error);
        Assert.That(forgotten.Output.Trim(), Is.EqualTo("2 uploads forgotten"));
        Assert.That(stopped.ExitCode, Is.EqualTo(130), stopped.Error);
        await Rig.AssertArrivedAsync("a.bin");
        await Rig.AssertArrivedAsync("b.bin");
        Rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_running_upload_is_suspended_resumed_and_canceled_by_other_processes()
    {
        string id = (await AddAsync("a.bin")).Single();
        BitsGate first = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess worker = StartWorker();
        await worker.ReachAsync(first);
        Task<ToolRun> suspending = QueueAsync("suspend", id[..8]);
        await worker.ErrorLineAsync("was stopped");
        ToolRun suspended = await suspending;
        BitsGate second = Rig.Server.HoldAck(BitsPacketNames.Fragment);

        ToolRun resumed = await QueueAsync("resume", id[..8]);
        await worker.ReachAsync(second);
        ToolRun canceled = await QueueAsync("cancel", id[..8]);
        ToolRun forgotten = await QueueAsync("forget", id[..8]);

        string subject = $"{id} ({Rig.Url("a.bin")}): ";
        Assert.That(suspended.OutputLines.Single(), Is.EqualTo(subject + "suspended"), suspended.Error);
        Assert.That(resumed.OutputLines.Single(), Is.EqualTo(subject + "queued"), resumed.Error);
        Assert.That(canceled.ExitCode, Is.Zero, canceled.Error);
        Assert.That(canceled.OutputLines.Single(), Is.EqualTo(subject + "canceled, and its session on the server"));
        Assert.That(forgotten.OutputLines.Single(), Is.EqualTo(subject + "forgotten"), forgotten.Error);
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession).Count(), Is.EqualTo(1));
        Assert.That(Rig.Packets(BitsPacketNames.CancelSession).Count(), Is.EqualTo(1));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task SIGTERM_with_every_slot_busy_puts_all_back_in_time_and_the_next_worker_continues()
    {
        string[] ids = await AddAsync("a.bin", "b.bin", "c.bin");
        BitsGate[] held = [.. Enumerable.Range(1, 3).Select(i => Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: i))];
        ToolProcess worker = StartWorker("--parallel", "3");
        foreach (BitsGate gate in held)
        {
            await worker.ReachAsync(gate);
        }

        Stopwatch clock = Stopwatch.StartNew();
        await worker.SignalAsync("TERM");
        ToolRun stopped = await worker.EndAsync();
        clock.Stop();
        Array.ForEach(held, gate => gate.Release());
        ToolRun listed = await QueueAsync("list", "--status", "queued");
        ToolProcess next = StartWorker();
        foreach (string id in ids)
        {
            ToolRun watched = await QueueAsync("watch", id);
            Assert.That(watched.ExitCode, Is.Zero, watched.Error);
        }

        Assert.That(stopped.ExitCode, Is.EqualTo(143), stopped.Error);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
        Assert.That(listed.OutputLines, Has.Length.EqualTo(3), listed.Error);
        foreach (string name in (string[])["a.bin", "b.bin", "c.bin"])
        {
            await Rig.AssertArrivedAsync(name);
        }

        Assert.That(next.HasExited, Is.False);
    }

    [Test]
    public async Task A_second_worker_is_refused_while_the_first_one_runs()
    {
        await AddAsync("a.bin");
        ToolProcess first = StartWorker();
        await first.ErrorLineAsync("was uploaded");

        ToolRun second = await StartWorker().EndAsync();

        Assert.That(second.ExitCode, Is.EqualTo(1));
        Assert.That(second.ErrorLines.Single(), Does.StartWith("bitsclient: Another process uploads from this SQLite queue."));
        Assert.That(first.HasExited, Is.False);
    }

    [Test]
    public async Task After_a_kill_the_next_worker_continues_at_once()
    {
        string id = (await AddAsync("a.bin")).Single();
        BitsGate held = Rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 3);
        ToolProcess killed = StartWorker();
        await killed.ReachAsync(held);
        Assert.That(await killed.KillAsync(), Is.True);
        held.Release();
        ToolRun listed = await QueueAsync("list");

        ToolProcess next = StartWorker();
        string begun = await next.ErrorLineAsync("is resumed");
        ToolRun watched = await QueueAsync("watch", id);

        Assert.That(listed.Output, Does.StartWith($"{id}  transferring"), "its lease has not ended");
        Assert.That(begun, Does.Contain("bytes were acknowledged"));
        Assert.That(watched.ExitCode, Is.Zero, watched.Error);
        Assert.That(Rig.Packets(BitsPacketNames.CreateSession).Count(), Is.EqualTo(1));
        await Rig.AssertArrivedAsync("a.bin");
    }

    private ToolProcess StartWorker(params string[] options) =>
        Start(["queue", "run", "--db", Db, "--fragment-size", "1K", .. options]);

    private Task<ToolRun> QueueAsync(string command, params string[] arguments) => RunAsync(["queue", command, .. arguments, "--db", Db]);

    private async Task<string[]> AddAsync(params string[] names)
    {
        ToolRun run = await QueueAsync("add", [.. names.Select(name => Rig.File(name, 4096)), Rig.Url(names is [var only] ? only : "")]);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.OutputLines;
    }
}
#endif
