#if NET10_0_OR_GREATER
using System.Collections.Concurrent;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>
/// One upload with random faults, which may be canceled, stopped and resumed, or killed and resumed: the process is gone then, and only the
/// saved checkpoint is left of it. Its seed determines everything but the timing.
/// </summary>
internal sealed class FuzzRound : IAsyncDisposable
{
    private static readonly string[] PacketTypes =
    [
        BitsPacketNames.CreateSession, BitsPacketNames.Fragment, BitsPacketNames.Fragment, BitsPacketNames.Fragment,
        BitsPacketNames.CloseSession, BitsPacketNames.CancelSession, BitsPacketNames.Ping,
    ];

    private readonly Random _random;
    private readonly BitsTestServer _server;
    private readonly BitsTestHost _host;
    private readonly byte[] _file;
    private readonly string _what;
    private readonly FrozenStore _store = new();

    private FuzzRound(Random random, BitsTestServer server, BitsTestHost host, string what)
    {
        (_random, _server, _host, _what) = (random, server, host, what);
        _file = new byte[random.Next(1, 200_000)];
        random.NextBytes(_file);
    }

    private enum Interruption
    {
        None,
        Cancel,
        Stop,
        Kill,
    }

    public static async Task<FuzzRound> StartAsync(BitsServerDialect dialect, bool appends, bool isFarm, int seed)
    {
        Random random = new(seed);
        string what = $"{dialect}, appends: {appends}, farm: {isFarm}, seed {seed}";
        BitsTestServer server = new(new BitsTestServerOptions
        {
            Dialect = dialect,
            AppendsAndEchoes = appends,
            KeepBrokenFragments = random.Next(2) == 0,

            // The same server by another name.
            HostId = isFarm ? "localhost" : null,
            HostIdFallbackTimeout = isFarm ? TimeSpan.Zero : null,
        });
        return new FuzzRound(random, server, await BitsTestHost.StartAsync(server), what);
    }

    /// <summary>Uploads until the end, and compares what is reported with what the server holds.</summary>
    public async Task<string> PlayAsync()
    {
        Inject();
        string end = "";
        BitsUploadCheckpoint? checkpoint = null;
        for (int run = 0; run < 4; run++)
        {
            Interruption interruption = run == 3 ? Interruption.None : (Interruption)_random.Next(4);
            (end, checkpoint) = await RunAsync(checkpoint, interruption);
            Check(end);
            if (end is not ("Killed" or "SessionKept"))
            {
                break;
            }
        }

        return end;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _server.Dispose();
    }

    private void Inject()
    {
        for (int fault = _random.Next(4); fault > 0; fault--)
        {
            string packetType = PacketTypes[_random.Next(PacketTypes.Length)];
            bool afterHandling = _random.Next(2) == 0;
            BitsFault injected = _random.Next(6) switch
            {
                0 => new BitsFault.CloseGracefully { AfterHandling = afterHandling },
                1 => afterHandling ? new BitsFault.DropAfterHandling() : new BitsFault.DropBeforeBody(),
                2 when packetType == BitsPacketNames.Fragment => new BitsFault.DropInBody(_random.Next(20_000)),
                3 => new BitsFault.CloseConnection(),
                4 when packetType != BitsPacketNames.CloseSession => new BitsFault.LoseSession(),
                _ => new BitsFault.Answer(503) { AfterHandling = afterHandling, Ack = false },
            };
            _server.Inject(packetType, injected, _random.Next(1, 5));
        }
    }

    private async Task<(string End, BitsUploadCheckpoint? Checkpoint)> RunAsync(
        BitsUploadCheckpoint? resumed, Interruption interruption)
    {
        using HttpClient http = new(new SocketsHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        _store.IsFrozen = false;
        BitsUploadClient client = new(http, Options(interruption));
        BitsUploadSource source = BitsUploadSource.FromMemory(_file);
        await using IBitsUploadJob job = resumed is null
            ? client.CreateJob(source, new Uri(_host.BaseAddress, "upload/a.bin"))
            : client.ResumeJob(resumed, source);
        using CancellationTokenSource stop = new();
        bool isKilled = false;
        long at = _random.Next(_file.Length);
        ProgressAt moment = new(at, () =>
        {
            if (interruption is Interruption.Kill)
            {
                isKilled = true;
                _store.IsFrozen = true;
                http.Dispose();
            }
            else if (interruption is not Interruption.None)
            {
                stop.Cancel();
            }
        });
        string end = await EndOfAsync(job, moment, stop.Token);
        await _server.WhenSettledAsync();
        return isKilled && end != "Completed" ? ("Killed", _store.Saved) : (end, job.Checkpoint);
    }

    private static async Task<string> EndOfAsync(IBitsUploadJob job, IProgress<BitsUploadProgress> progress, CancellationToken token)
    {
        try
        {
            await job.RunAsync(progress, token);
            return "Completed";
        }
        catch (BitsUploadCanceledException e)
        {
            return e.Outcome.ToString();
        }
        catch (BitsUploadException e)
        {
            return e.GetType().Name;
        }
    }

    private void Check(string end)
    {
        string what = $"{_what}, {end}: {string.Join(", ", _server.Dialogue.Select(Shown))}";
        bool isStored = _server.HasFile("/upload/a.bin");
        if (isStored)
        {
            Assert.That(_server.GetFile("/upload/a.bin").AsSpan().SequenceEqual(_file), Is.True, what);
        }

        switch (end)
        {
            case "Completed":
                Assert.That(isStored, Is.True, what);
                break;
            case "SessionCanceled" or "NotStarted":
                Assert.That(isStored, Is.False, what);
                Assert.That(_server.OpenSessionCount, Is.Zero, what);
                break;
        }
    }

    private static string Shown(BitsExchange exchange) =>
        $"{exchange.PacketType} {exchange.RequestHeader("Content-Range")} {exchange.BodyBytes} -> "
        + $"{exchange.Status}{(exchange.Dropped ? " dropped" : "")}{(exchange.Aborted ? " aborted" : "")}";

    private BitsUploadOptions Options(Interruption interruption) => new()
    {
        MinFragmentSize = 1000,
        InitialFragmentSize = 16_000,
        MaxFragmentSize = 64_000,
        ProgressInterval = TimeSpan.Zero,
        StallTimeout = TimeSpan.FromSeconds(2),
        ResponseTimeout = TimeSpan.FromSeconds(2),
        CancelTimeout = TimeSpan.FromSeconds(2),
        CheckpointStore = _store,
        OnCancellation = interruption is Interruption.Stop ? BitsSessionAction.KeepSession : BitsSessionAction.CancelSession,
        Retry = { BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) },
    };

    /// <summary>Calls back once, when this many bytes were sent.</summary>
    private sealed class ProgressAt(long bytes, Action reached) : IProgress<BitsUploadProgress>
    {
        private int _isReached;

        public void Report(BitsUploadProgress value)
        {
            if (value.BytesSent >= bytes && Interlocked.Exchange(ref _isReached, 1) == 0)
            {
                reached();
            }
        }
    }

    /// <summary>Keeps the checkpoint of one upload, until the process is killed: nothing is saved or deleted after that.</summary>
    private sealed class FrozenStore : IBitsCheckpointStore
    {
        private readonly ConcurrentDictionary<Guid, BitsUploadCheckpoint> _saved = new();

        public bool IsFrozen { get; set; }

        public BitsUploadCheckpoint? Saved => _saved.Values.SingleOrDefault();

        public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IAsyncDisposable>(new MemoryStream());

        public ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
        {
            if (!IsFrozen)
            {
                _saved[checkpoint.Id] = checkpoint;
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(_saved.GetValueOrDefault(id));

        public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default)
        {
            if (!IsFrozen)
            {
                _saved.TryRemove(id, out _);
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
#endif
