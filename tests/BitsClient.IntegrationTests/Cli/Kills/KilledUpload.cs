#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>An upload by the tool to its own server. The tool is repeatedly killed and resumed until the upload is complete.</summary>
internal sealed class KilledUpload(BitsServerDialect dialect, string file, string folder, Random random, KillTally tally) : IAsyncDisposable
{
    private const int MaxKills = 12;
    private const int SmallestFragment = 5 * 1024;

    private static readonly int[] FragmentSizes = [64 * 1024, 100_000, 256 * 1024, 1024 * 1024, 4_000_000];

    private readonly long _total = new FileInfo(file).Length;
    private readonly BitsTestServer _server =
        new(new BitsTestServerOptions { Dialect = dialect, StorageDirectory = Path.Combine(folder, "server") });

    private readonly BitsFileCheckpointStore _store = new(Path.Combine(folder, "state"));
    private readonly List<Run> _runs = [];
    private BitsTestHost _host = null!;

    // Sessions that were closed in a run that was killed before it deleted the checkpoint.
    private readonly HashSet<string> _closed = [];

    // Sessions of which the checkpoint has no acknowledged byte that a probe could send again, although a fragment may have arrived. The
    // next run replaces them.
    private readonly HashSet<string> _replaced = [];

    private string Url => new Uri(_host.BaseAddress, "upload/a.bin").AbsoluteUri;

    /// <summary>Uploads the file, with a maximum number of kills.</summary>
    public async Task RunAsync(int kills)
    {
        tally.Uploads++;
        _host = await BitsTestHost.StartAsync(_server);
        for (int left = Math.Min(kills, MaxKills); await CheckpointAsync() is not null || !_server.HasFile("/upload/a.bin"); left--)
        {
            if (!await RunOnceAsync(await CheckpointAsync(), kill: left > 0))
            {
                break;
            }
        }

        Check();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _server.Dispose();
    }

    // Returns true if the tool was killed.
    private async Task<bool> RunOnceAsync(BitsUploadCheckpoint? checkpoint, bool kill)
    {
        int size = FragmentSizes[random.Next(FragmentSizes.Length)];
        bool isFixed = random.Next(5) > 0;
        string[] command = checkpoint is null ? ["upload", file, Url] : ["resume", $"{checkpoint.Id}"];
        string[] sizeOption = isFixed ? ["--fragment-size", $"{size}"] : [];
        long received = ReceivedIn(checkpoint?.SessionId);
        KillMoment? moment = kill
            ? KillMoment.Random(random, checkpoint is null, received, _total, isFixed ? size : 1024 * 1024)
            : null;
        string what = $"{dialect}, run {_runs.Count}, {string.Join(' ', command)}, {(isFixed ? size : "adaptive")}, {moment}";
        _runs.Add(new Run(_server.Dialogue.Count, isFixed ? size : SmallestFragment, what));
        using ToolProcess tool = ToolProcess.Start([.. ToolCommand.Fastest, .. command, "--state", _store.Folder, .. sizeOption]);
        if (moment is not null)
        {
            BitsGate? gate = await moment.WaitAsync(_server, tool);
            bool isKilled = await tool.KillAsync();
            gate?.Release();

            await ToolConnections.WhenReadAsync(_host, tool.TimeLimit);
            await _server.WhenSettledAsync(tool.TimeLimit);
            if (isKilled)
            {
                await CountAsync();
                return true;
            }
        }

        ToolRun run = await tool.EndAsync();
        Assert.That(run.ExitCode, Is.Zero, $"{what}: {run.Error}");
        return false;
    }

    // A closed session is replaced by a new one, which starts at 0.
    private long ReceivedIn(string? session) => _server.Sessions
        .FirstOrDefault(open => open.Id == session && !_closed.Contains(open.Id) && !_replaced.Contains(open.Id))?.Received ?? 0;

    private async Task CountAsync()
    {
        tally.Kills++;
        BitsUploadCheckpoint? checkpoint = await CheckpointAsync();
        BitsTestSession? session = _server.Sessions.SingleOrDefault(session => session.Id == checkpoint?.SessionId);
        if (session is { State: BitsTestSessionState.Closed })
        {
            tally.InClose += _closed.Add(session.Id) ? 1 : 0;
        }
        else if (checkpoint is null && _server.Sessions.Any(closed => closed.State is BitsTestSessionState.Closed))
        {
            tally.AfterEnd++;
        }
        else if (checkpoint is null)
        {
            tally.BeforeState++;
        }
        else
        {
            Assert.That(session, Is.Not.Null, "the session of the checkpoint exists on the server");
            if (checkpoint is { BytesAcknowledged: < 2, BytesSentAtMost: > 0, ServerKeepsOffsets: not true })
            {
                _replaced.Add(session!.Id);
            }
        }
    }

    private void Check()
    {
        byte[] expected = HashOf(file);
        Assert.That(HashOf(Path.Combine(folder, "server", "upload", "a.bin")), Is.EqualTo(expected), _runs[^1].What);

        IEnumerable<BitsExchange> sent = _server.Dialogue.Where(exchange => exchange.PacketType == BitsPacketNames.Fragment);
        ILookup<bool, BitsExchange> isReplaced = sent.ToLookup(fragment => _replaced.Contains(SessionOf(fragment)));
        Assert.That(isReplaced[true].Select(SessionOf), Is.Unique, "a session is replaced after its first fragment, or before it");
        ILookup<string, BitsExchange> fragments = isReplaced[false].ToLookup(SessionOf);
        Assert.That(
            fragments,
            Has.Count.EqualTo(1 + _closed.Count),
            "one session has the file, plus one for each kill between Close-Session and the deletion of the checkpoint" + History());
        foreach (IGrouping<string, BitsExchange> session in fragments)
        {
            CheckWaste(session);
        }

        IEnumerable<BitsTestSession> replaced = _server.Sessions.Where(session => _replaced.Contains(session.Id));
        Assert.That(replaced.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Canceled));
        IEnumerable<BitsTestSession> unused = _server.Sessions.Where(session => !_replaced.Contains(session.Id));
        foreach (BitsTestSession orphan in unused.Where(session => !fragments.Contains(session.Id)))
        {
            Assert.That(
                orphan,
                Has.Property(nameof(orphan.Received)).Zero.And.Property(nameof(orphan.State)).EqualTo(BitsTestSessionState.Open));
            tally.Orphans++;
        }

        Assert.That(_server.OpenSessionCount, Is.EqualTo(_server.Sessions.Count - fragments.Count - _replaced.Count));
        if (_closed.Count == 0)
        {
            _server.AssertNoViolations();
        }
    }

    // What happened, for a failure that depends on the moment of a kill, without the many fragments that were acknowledged.
    private string History() => string.Join(
        Environment.NewLine,
        [
            ".", .. _runs.Select(run => $"After {run.PacketsBefore} packets: {run.What}"),
            .. _server.Sessions.Select(session => $"{session.Id}: {session.State}, {session.Received}, {_replaced.Contains(session.Id)}"),
            .. _server.Dialogue.Where(IsNotable).Select(exchange => $"{exchange} {exchange.RequestHeader("Content-Range")}"),
        ]);

    private static bool IsNotable(BitsExchange exchange) =>
        exchange.PacketType != BitsPacketNames.Fragment || exchange.Aborted || exchange.BodyBytes <= 1;

    private void CheckWaste(IEnumerable<BitsExchange> session)
    {
        WasteAccount account = new(dialect);
        foreach (BitsExchange fragment in session)
        {
            account.Add(fragment, _runs.FindLastIndex(run => run.PacketsBefore < fragment.Sequence));
        }

        Assert.That(account.Kept, Is.EqualTo(_total));
        foreach ((int kill, long waste, long inFlight) in account.Kills)
        {
            Assert.That(kill, Is.InRange(1, _runs.Count - 1), $"only a kill causes resent bytes, not {_runs[^1].What}");
            string what = $"{_runs[kill - 1].What}; then {_runs[kill].What}";
            Assert.That(waste, Is.LessThanOrEqualTo(inFlight + _runs[kill].SmallestFragment), what);
            tally.Waste.Add(waste);
        }
    }

    private async Task<BitsUploadCheckpoint?> CheckpointAsync() =>
        (await _store.ListAsync()).Select(entry => entry.Checkpoint).SingleOrDefault(checkpoint => checkpoint is not null);

    private static string SessionOf(BitsExchange exchange) => exchange.RequestHeader("BITS-Session-Id")!;

    private static byte[] HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return SHA256.HashData(stream);
    }

    /// <summary>A run of the tool: the number of packets before it, the size of its smallest fragment, and a description.</summary>
    private sealed record Run(int PacketsBefore, int SmallestFragment, string What);
}
#endif
