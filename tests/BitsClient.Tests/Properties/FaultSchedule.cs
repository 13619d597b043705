using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Properties;

/// <summary>The faults of one upload, all of them determined by one seed.</summary>
internal sealed class FaultSchedule
{
    private static readonly string[] PacketTypes =
    [
        BitsPacketNames.CreateSession, BitsPacketNames.Fragment, BitsPacketNames.Fragment, BitsPacketNames.Fragment,
        BitsPacketNames.CloseSession, BitsPacketNames.CancelSession,
    ];

    private readonly Random _random;

    private readonly bool _appends;

    /// <param name="seed">Determines everything.</param>
    /// <param name="appends">
    /// The server appends what it gets. It then tells the truth about that: nothing helps against one that asks for bytes which it has.
    /// </param>
    public FaultSchedule(int seed, bool appends)
    {
        _random = new Random(seed);
        _appends = appends;
        FileLength = _random.Next(1, 3000);
        KeepsBrokenFragments = _random.Next(2) == 0;
        int least = _random.Next(1, 100);
        int most = least + _random.Next(0, 1000);
        Options = new BitsUploadOptions
        {
            MinFragmentSize = least,
            MaxFragmentSize = most,
            InitialFragmentSize = _random.Next(least, most + 1),
            ProgressInterval = TimeSpan.Zero,
            ResendPolicy = Policy(),
            OnFailure = _random.Next(2) == 0 ? BitsSessionAction.CancelSession : BitsSessionAction.KeepSession,
            Retry = new BitsRetryOptions
            {
                MaxRetries = _random.Next(0, 8),
                MaxRestarts = _random.Next(0, 4),
                MaxDelay = TimeSpan.FromSeconds(4),
            },
        };
    }

    public int FileLength { get; }

    public bool KeepsBrokenFragments { get; }

    public BitsUploadOptions Options { get; }

    /// <summary>An answer may report more bytes than the server has, or deny a session that it has.</summary>
    public bool ServerLies { get; private set; }

    public void InjectInto(BitsTestServer server)
    {
        double rate = _random.NextDouble() * 0.3;
        for (int fault = _random.Next(1, 5); fault > 0; fault--)
        {
            string packetType = PacketTypes[_random.Next(PacketTypes.Length)];
            server.InjectEvery(packetType, Fault(packetType), () => _random.NextDouble() < rate);
        }
    }

    /// <summary>One upload in five is canceled at a random packet.</summary>
    public Interception CancelWith(CancellationTokenSource cancel)
    {
        int packet = _random.Next(5) == 0 ? _random.Next(1, 40) : 0;
        return new Interception(_ =>
        {
            if (--packet == 0)
            {
                cancel.Cancel();
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        });
    }

    private BitsResendPolicy Policy() => _random.Next(4) switch
    {
        0 => BitsResendPolicy.NewSession,
        1 when !_appends => BitsResendPolicy.Resynchronize,
        _ => BitsResendPolicy.Detect,
    };

    private BitsFault Lie()
    {
        if (_appends)
        {
            return new BitsFault.DropAfterHandling();
        }

        ServerLies = true;
        return new BitsFault.ReceivedContentRange(
            _random.Next(0, 4) switch { 0 => null, 1 => "none", 2 => $"{_random.Next(-5, 4000)}", _ => $"{_random.Next(0, 200)}" });
    }

    private BitsFault.Answer DeniedSession()
    {
        ServerLies = true;
        return new BitsFault.Answer(500) { ErrorCode = "0x8020001F", AfterHandling = _random.Next(2) == 0 };
    }

    private BitsFault Fault(string packetType)
    {
        bool hasBody = packetType == BitsPacketNames.Fragment;
        return _random.Next(0, 14) switch
        {
            0 => new BitsFault.DropBeforeBody(),
            1 when hasBody => new BitsFault.DropInBody(_random.Next(0, 300)),
            1 or 2 => new BitsFault.DropAfterHandling(),
            3 => new BitsFault.Answer(500 + _random.Next(0, 6)) { AfterHandling = _random.Next(2) == 0, Ack = _random.Next(2) == 0 },
            4 => new BitsFault.Answer(413) { Ack = false },
            5 => Lie(),
            6 => new BitsFault.MisspelledContentRange(),
            7 => new BitsFault.LoseSession(),
            8 => new BitsFault.KeepBytes(_random.Next(0, 100)),
            9 => new BitsFault.Answer(416) { ErrorCode = "0x80070057" },
            10 => new BitsFault.Answer(429) { Ack = false, Headers = [new("Retry-After", "0")] },
            11 => DeniedSession(),
            12 => new BitsFault.Answer(200) { Ack = false },
            _ => new BitsFault.Answer(403) { ErrorCode = "80070005" },
        };
    }
}
