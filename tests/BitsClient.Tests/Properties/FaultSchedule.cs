using BitsClient.Testing;
using BitsClient.Tests.Support;
using CsCheck;

namespace BitsClient.Tests.Properties;

/// <summary>One upload, and what happens to it. CsCheck generates it, and makes one that fails as simple as it can.</summary>
internal sealed record FaultSchedule
{
    private static readonly Gen<string> PacketTypes = Gen.Frequency(
        (1, Gen.Const(BitsPacketNames.CreateSession)), (3, Gen.Const(BitsPacketNames.Fragment)),
        (1, Gen.Const(BitsPacketNames.CloseSession)), (1, Gen.Const(BitsPacketNames.CancelSession)));

    private static readonly Gen<BitsSessionAction> SessionActions =
        Gen.OneOfConst(BitsSessionAction.KeepSession, BitsSessionAction.CancelSession);

    public required int FileLength { get; init; }

    public required bool KeepsBrokenFragments { get; init; }

    public required BitsUploadOptions Options { get; init; }

    public required IReadOnlyList<RepeatedFault> Faults { get; init; }

    /// <summary>The packet before which the upload is canceled; 0 for none.</summary>
    public required int CanceledAt { get; init; }

    /// <summary>An answer may report more bytes than the server has, or deny a session that it has.</summary>
    public bool ServerLies => Faults.Any(fault => fault.IsLie);

    /// <param name="appends">
    /// The server appends what it gets. It then tells the truth about that: nothing helps against one that asks for bytes which it has.
    /// </param>
    public static Gen<FaultSchedule> Any(bool appends) => Gen.Select(
        Gen.Int[1, 3000], Gen.Bool, OptionsFor(appends), FaultFor(appends).List[1, 4],
        Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[1, 40])),
        (length, keeps, options, faults, canceledAt) => new FaultSchedule
        {
            FileLength = length,
            KeepsBrokenFragments = keeps,
            Options = options,
            Faults = faults,
            CanceledAt = canceledAt,
        });

    public void InjectInto(BitsTestServer server)
    {
        foreach (RepeatedFault fault in Faults)
        {
            int packet = 0;
            server.InjectEvery(fault.PacketType, fault.Fault, () => fault.Hits(++packet));
        }
    }

    public Interception CancelWith(CancellationTokenSource cancel)
    {
        int packet = 0;
        return new Interception(_ =>
        {
            if (++packet == CanceledAt)
            {
                cancel.Cancel();
            }

            return Task.FromResult<HttpResponseMessage?>(null);
        });
    }

    public override string ToString() =>
        $"""
        {FileLength} bytes in fragments of {Options.MinFragmentSize} to {Options.MaxFragmentSize}, first {Options.InitialFragmentSize};
        {Options.ResendPolicy}, {Options.OnFailure}, {Options.Retry.MaxRetries} retries, {Options.Retry.MaxRestarts} restarts;
        the server is asked for {Options.MinAskedLength} bytes and more;
        broken fragments are {(KeepsBrokenFragments ? "kept" : "dropped")}; canceled at packet {CanceledAt} (0: never)
        {string.Join(Environment.NewLine, Faults)}
        """;

    private static Gen<BitsUploadOptions> OptionsFor(bool appends)
    {
        Gen<BitsResendPolicy> policies = appends
            ? Gen.OneOfConst(BitsResendPolicy.Detect, BitsResendPolicy.Detect, BitsResendPolicy.NewSession)
            : Gen.OneOfConst(BitsResendPolicy.Detect, BitsResendPolicy.Resynchronize, BitsResendPolicy.NewSession);
        return Gen.Select(
            Gen.Int[1, 99], Gen.Int[0, 1000], Gen.Int[0, 1000], policies, SessionActions, Gen.Int[0, 7], Gen.Int[0, 3],
            Gen.OneOfConst(1, 200, int.MaxValue),
            (least, more, initial, policy, onFailure, retries, restarts, asked) => new BitsUploadOptions
            {
                MinFragmentSize = least,
                MaxFragmentSize = least + more,
                InitialFragmentSize = least + (initial % (more + 1)),
                MinAskedLength = asked,
                ProgressInterval = TimeSpan.Zero,
                ResendPolicy = policy,
                OnFailure = onFailure,
                Retry = new BitsRetryOptions { MaxRetries = retries, MaxRestarts = restarts, MaxDelay = TimeSpan.FromSeconds(4) },
            });
    }

    private static Gen<RepeatedFault> FaultFor(bool appends) => Gen.Select(
        PacketTypes, appends ? TrueFaults : Gen.Frequency((10, TrueFaults), (2, Lies)), Gen.Int[1, 6], Gen.Int[1, 6], Gen.Int[1, 20],
        (packetType, fault, first, every, times) => new RepeatedFault(packetType, fault, first, every, times));

    private static Gen<BitsFault> TrueFaults => Gen.OneOf<BitsFault>(
        Gen.Const(new BitsFault.DropBeforeBody()),
        Gen.Const(new BitsFault.DropAfterHandling()),
        Gen.Int[0, 299].Select(bytes => new BitsFault.DropInBody(bytes)),
        Gen.Select(
            Gen.Int[500, 505], Gen.Bool, Gen.Bool,
            (status, after, ack) => new BitsFault.Answer(status) { AfterHandling = after, Ack = ack }),
        Gen.Const(new BitsFault.Answer(413) { Ack = false }),
        Gen.Const(new BitsFault.MisspelledContentRange()),
        Gen.Const(new BitsFault.LoseSession()),
        Gen.Int[0, 99].Select(bytes => new BitsFault.KeepBytes(bytes)),
        Gen.Const(new BitsFault.Answer(416) { ErrorCode = "0x80070057" }),
        Gen.Const(new BitsFault.Answer(429) { Ack = false, Headers = [new("Retry-After", "0")] }),
        Gen.Const(new BitsFault.Answer(200) { Ack = false }),
        Gen.Const(new BitsFault.Answer(403) { ErrorCode = "80070005" }));

    private static Gen<BitsFault> Lies => Gen.OneOf<BitsFault>(
        Gen.Frequency(
                (1, Gen.OneOfConst(null, "none")), (1, Gen.Int[-5, 4000].Select(offset => (string?)$"{offset}")),
                (1, Gen.Int[0, 200].Select(offset => (string?)$"{offset}")))
            .Select(offset => new BitsFault.ReceivedContentRange(offset)),
        Gen.Bool.Select(after => new BitsFault.Answer(500) { ErrorCode = "0x8020001F", AfterHandling = after }));

    /// <summary>A fault of some packets of a type.</summary>
    internal sealed record RepeatedFault(string PacketType, BitsFault Fault, int First, int Every, int Times)
    {
        public bool IsLie => Fault is BitsFault.ReceivedContentRange or BitsFault.Answer { ErrorCode: "0x8020001F" };

        public bool Hits(int packet) => packet >= First && (packet - First) % Every == 0 && (packet - First) / Every < Times;

        public override string ToString() => $"{PacketType} {First}, every {Every}, {Times} times: {Fault}";
    }
}
