using System.Runtime.InteropServices;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands.Queue;

/// <summary>The worker, 'queue run', with its connection options and its end.</summary>
public sealed class QueueRunCommandTests
{
    private ToolRig _rig = null!;

    private string Db => _rig.PathOf("queue.db");

    [SetUp]
    public async Task StartServer() => _rig = await ToolRig.StartAsync();

    [TearDown]
    public async Task StopServer() => await _rig.DisposeAsync();

    [Test]
    public async Task Headers_are_sent_with_every_packet_and_the_verb_is_overridden()
    {
        await AddAsync("a.bin");
        await using ToolInProcess running = Run("--header", "X-Token: sesame", "--override-verb");
        await running.ErrorLineAsync("was uploaded");

        Assert.That(_rig.Server.Dialogue, Is.Not.Empty);
        Assert.That(_rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("X-Token")), Is.All.EqualTo("sesame"));
        Assert.That(
            _rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("X-Http-Method-Override")), Is.All.EqualTo("BITS_POST"));
    }

    [Test]
    public async Task No_more_uploads_run_at_the_same_time_than_specified()
    {
        BitsGate held = _rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await AddAsync("a.bin");
        string second = await AddAsync("b.bin");
        await using ToolInProcess running = Run("--parallel", "1");
        await running.ReachAsync(held);

        ToolRun waiting = await ToolInProcess.RunAsync("queue", "list", "--db", Db, "--status", "queued");
        held.Release();
        await running.ErrorLineAsync($"was uploaded ({second})");

        Assert.That(waiting.OutputLines.Single(), Does.StartWith(second));
        Assert.That(_rig.Packets(BitsPacketNames.CreateSession).Count(), Is.EqualTo(2));
    }

    [TestCase(PosixSignal.SIGTERM, 143)]
    [TestCase(PosixSignal.SIGINT, 130)]
    public async Task A_signal_puts_the_uploads_back_and_the_next_run_continues_their_sessions(PosixSignal signal, int exitCode)
    {
        BitsGate held = _rig.Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        string id = await AddAsync("a.bin");
        await using ToolInProcess first = Run();
        await first.ReachAsync(held);

        first.Signal(signal);
        ToolRun stopped = await first.EndAsync();
        held.Release();
        ToolRun listed = await ToolInProcess.RunAsync("queue", "list", "--db", Db);
        await using ToolInProcess second = Run();
        string begun = await second.ErrorLineAsync("is resumed");
        await second.ErrorLineAsync("was uploaded");

        Assert.That(stopped.ExitCode, Is.EqualTo(exitCode), stopped.Error);
        Assert.That(listed.Output, Does.StartWith($"{id}  queued"));
        Assert.That(begun, Does.Match("is resumed; (1024|2048) bytes were acknowledged\\.$"));
        Assert.That(_rig.Packets(BitsPacketNames.CreateSession).Count(), Is.EqualTo(1));
        Assert.That(_rig.Packets(BitsPacketNames.CancelSession), Is.Empty);
        await _rig.AssertArrivedAsync("a.bin");
    }

    [Test]
    public async Task A_second_worker_on_the_same_file_is_refused()
    {
        await AddAsync("a.bin");
        await using ToolInProcess first = Run();
        await first.ErrorLineAsync("was uploaded");

        ToolRun second = await Run().EndAsync();

        Assert.That((second.ExitCode, second.ErrorLines.Single()), Is.EqualTo((1,
            "bitsclient: Another process uploads from this SQLite queue. Only one can: stop it. Several need a queue in PostgreSQL.")));
    }

    [Test]
    public async Task A_queue_that_does_not_exist_is_created_and_a_line_says_so()
    {
        await using ToolInProcess running = Run("--parallel", "2");

        string created = await running.ErrorLineAsync("There is no queue");
        await running.ErrorLineAsync("Uploading from the queue, at most 2 at the same time.");

        Assert.That(created, Is.EqualTo($"bitsclient: There is no queue '{Db}' yet. It will be created."));
        Assert.That(File.Exists(Db), Is.True);
    }

    [Test]
    public async Task A_file_that_is_no_database_is_an_error()
    {
        await File.WriteAllTextAsync(Db, new string('x', 5000));

        ToolRun run = await Run().EndAsync();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines.Single(), Does.Contain(Db).And.Contain("not a database"));
    }

    [Test]
    public async Task An_upload_of_a_client_that_only_another_program_has_waits_and_says_so()
    {
        await ToolInProcess.RunAsync("queue", "add", _rig.File("a.bin", 10), _rig.Url("a.bin"), "--client", "reports", "--db", Db);
        await using ToolInProcess running = Run();

        string line = await running.ErrorLineAsync("continues in");

        Assert.That(line, Does.Contain("No BITS upload client named 'reports'"));
        Assert.That(_rig.Server.Dialogue, Is.Empty);
    }

    private async Task<string> AddAsync(string name)
    {
        ToolRun run = await ToolInProcess.RunAsync("queue", "add", _rig.File(name, 4096), _rig.Url(name), "--db", Db);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        return run.OutputLines.Single();
    }

    private ToolInProcess Run(params string[] options) =>
        ToolInProcess.Start(["queue", "run", "--db", Db, "--fragment-size", "1K", .. options]);
}
