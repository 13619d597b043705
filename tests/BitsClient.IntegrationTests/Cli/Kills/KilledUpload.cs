#if NET10_0_OR_GREATER
using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>One upload by the tool, on a server of its own, killed again and again and gone on with until it is done.</summary>
internal sealed class KilledUpload(BitsServerDialect dialect, string file, string folder, Random random, KillTally tally) : IAsyncDisposable
{
    private const int MostKills = 12;
    private const int SmallestFragment = 5 * 1024;

    private static readonly int[] FragmentSizes = [64 * 1024, 100_000, 256 * 1024, 1024 * 1024, 4_000_000];

    private readonly long _total = new FileInfo(file).Length;
    private readonly BitsTestServer _server = new(new BitsTestServerOptions { Dialect = dialect, StorageDirectory = Path.Combine(folder, "server") });
    private readonly BitsFileCheckpointStore _store = new(Path.Combine(folder, "state"));
    private readonly List<Run> _runs = [];
    private BitsTestHost _host = null!;

    // Sessions that were closed in a run that was killed before it could delete the state.
    private readonly HashSet<string> _closed = [];

    private string Url => new Uri(_host.BaseAddress, "upload/a.bin").AbsoluteUri;

    /// <summary>Uploads the file, with at most so many kills.</summary>
    public async Task RunAsync(int kills)
    {
        tally.Uploads++;
        _host = await BitsTestHost.StartAsync(_server);
        for (int left = Math.Min(kills, MostKills); await StateAsync() is not null || !_server.HasFile("/upload/a.bin"); left--)
        {
            if (!await RunOnceAsync(await StateAsync(), kill: left > 0))
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

    // True if it was killed.
    private async Task<bool> RunOnceAsync(BitsUploadCheckpoint? state, bool kill)
    {
        int size = FragmentSizes[random.Next(FragmentSizes.Length)];
        bool isSized = random.Next(5) > 0;
        string[] command = state is null ? ["upload", file, Url] : ["resume", $"{state.Id}"];
        KillMoment? moment = kill ? KillMoment.Random(random, state is null, ReceivedIn(state?.SessionId), _total, isSized ? size : 1024 * 1024) : null;
        string what = $"{dialect}, run {_runs.Count}, {string.Join(' ', command)}, {(isSized ? size : "free")}, {moment}";
        _runs.Add(new Run(_server.Dialogue.Count, isSized ? size : SmallestFragment, what));
        using ToolProcess tool = ToolProcess.Start([.. command, "--state", _store.Folder, .. isSized ? (string[])["--fragment-size", $"{size}"] : []]);
        if (moment is not null)
        {
            BitsGate? gate = await moment.WaitAsync(_server, tool);
            bool isKilled = await tool.KillAsync();
            gate?.Release();
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

    // A session that is closed is begun anew.
    private long ReceivedIn(string? session) =>
        _server.Sessions.FirstOrDefault(open => open.Id == session && !_closed.Contains(open.Id))?.Received ?? 0;

    private async Task CountAsync()
    {
        tally.Kills++;
        BitsUploadCheckpoint? state = await StateAsync();
        BitsTestSession? session = _server.Sessions.SingleOrDefault(session => session.Id == state?.SessionId);
        if (session is { State: BitsTestSessionState.Closed })
        {
            tally.InClose += _closed.Add(session.Id) ? 1 : 0;
        }
        else if (state is null && _server.Sessions.Any(closed => closed.State is BitsTestSessionState.Closed))
        {
            tally.AfterEnd++;
        }
        else if (state is null)
        {
            tally.BeforeState++;
        }
        else
        {
            Assert.That(session, Is.Not.Null, "a state names a session of the server");
        }
    }

    private void Check()
    {
        byte[] expected = HashOf(file);
        Assert.That(HashOf(Path.Combine(folder, "server", "upload", "a.bin")), Is.EqualTo(expected), _runs[^1].What);

        ILookup<string?, BitsExchange> fragments = _server.Dialogue
            .Where(exchange => exchange.PacketType == BitsPacketNames.Fragment)
            .ToLookup(exchange => exchange.RequestHeader("BITS-Session-Id"));
        Assert.That(fragments, Has.Count.EqualTo(1 + _closed.Count), "one session carries the file, and another where it was closed unnoticed");
        foreach (IGrouping<string?, BitsExchange> session in fragments)
        {
            CheckWaste(session);
        }

        foreach (BitsTestSession orphan in _server.Sessions.Where(session => !fragments.Contains(session.Id)))
        {
            Assert.That(orphan, Has.Property(nameof(orphan.Received)).Zero.And.Property(nameof(orphan.State)).EqualTo(BitsTestSessionState.Open));
            tally.Orphans++;
        }

        Assert.That(_server.OpenSessionCount, Is.EqualTo(_server.Sessions.Count - fragments.Count));
        if (_closed.Count == 0)
        {
            _server.AssertNoViolations();
        }
    }

    private void CheckWaste(IEnumerable<BitsExchange> session)
    {
        WasteAccount account = new(dialect);
        foreach (BitsExchange fragment in session)
        {
            account.Add(fragment, _runs.FindLastIndex(run => run.FirstPacket < fragment.Sequence));
        }

        Assert.That(account.Kept, Is.EqualTo(_total));
        foreach ((int kill, long waste, long inFlight) in account.Kills)
        {
            Assert.That(kill, Is.InRange(1, _runs.Count - 1), "only a kill costs bytes");
            Assert.That(waste, Is.LessThanOrEqualTo(inFlight + _runs[kill].LeastFragment), $"{_runs[kill - 1].What}; then {_runs[kill].What}");
            tally.Waste.Add(waste);
        }
    }

    private async Task<BitsUploadCheckpoint?> StateAsync() =>
        (await _store.ListAsync()).Select(entry => entry.Checkpoint).SingleOrDefault(state => state is not null);

    private static byte[] HashOf(string path)
    {
        using FileStream stream = System.IO.File.OpenRead(path);
        return SHA256.HashData(stream);
    }

    /// <summary>A run of the tool: how many packets came before it, its smallest fragment, and what it was.</summary>
    private sealed record Run(int FirstPacket, int LeastFragment, string What);
}
#endif
