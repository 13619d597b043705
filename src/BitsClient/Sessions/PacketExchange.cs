using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using BitsClient.Diagnostics;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Transport;

namespace BitsClient.Sessions;

/// <summary>
/// The state of one upload and the channel it uses: exchanges one packet at a time, and updates the state, however the exchange
/// ended.
/// </summary>
/// <remarks>
/// Only one caller at a time exchanges packets: the loop of a run, or the cancel after it. Any thread may read <see cref="State"/>, which
/// is replaced as a whole.
/// </remarks>
internal sealed class PacketExchange(
    BitsChannel channel, TimeProvider time, UploadState state, BitsJobOptions options)
{
    private volatile UploadState _state = state;

    // For the caller's hook; null before there was an answer.
    private HttpStatusCode? _lastStatus;

    public UploadState State => _state;

    /// <summary>A run, or its continuation after a suspension, begins.</summary>
    public void Begin()
    {
        UploadState begun = UploadMachine.Begun(_state);
        _state = UploadTelemetry.CurrentRun is { } run ? begun with { TraceParent = run } : begun;
    }

    /// <summary>The store has a checkpoint of the session that may be newer than the one that the upload was resumed from.</summary>
    public void Update(BitsUploadCheckpoint latest) => _state = CheckpointMapping.Updated(_state, latest);

    /// <summary>The upload is being canceled: no other session replaces the one that is open.</summary>
    public void ForbidNewSession() => _state = _state with { IsBeingCanceled = true };

    /// <summary>The next packet, for the host that it is sent to now; null when nothing is left to send.</summary>
    /// <exception cref="BitsUploadException">The session can no longer be used, and no other may replace it.</exception>
    public BitsPacket? Next(KnownHosts hosts)
    {
        Transition reconsidered = UploadRecovery.Reconsidered(hosts.Apply(HostRouting.Routed(_state, Now())));
        _state = reconsidered.State;
        if (reconsidered.Failure is { } failure)
        {
            throw failure;
        }

        return UploadMachine.Next(_state);
    }

    /// <summary>Sends the packet and applies its ack. Does not throw.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PacketResult> ExchangeAsync(RequestInFlight request)
    {
        UploadState before = _state;
        BitsPacket packet = request.Packet;
        Uri target = TargetOf(packet);
        Activity? activity = UploadTelemetry.StartPacket(packet, target);
        BitsAck? ack = null;
        PacketResult result = default;
        _state = UploadMachine.Sending(before, packet);
        try
        {
            ack = await channel.GetAnswerAsync(request, before.Url, target, _lastStatus, options).ConfigureAwait(false);
            _lastStatus = ack.StatusCode;
        }
        catch (Exception e)
        {
            result = Fail(request, target, request is { IsAbandoned: false, Content.WriteFailure: { } cause } ? cause : e);
        }

        result = ack is null ? result : Apply(request, ack);
        UploadTelemetry.EndPacket(activity, before, _state, result.Failure);
        return result;
    }

    /// <summary>
    /// The same for a packet without a body that may be abandoned at any time. If the server asks for authentication and the caller's hook
    /// can provide it, the packet is sent once more.
    /// </summary>
    public async Task<PacketResult> ExchangeOrAuthenticateAsync(
        BitsPacket packet, RequestTimeouts timeouts, CancellationToken cancellationToken)
    {
        PacketResult result = await ExchangeOnceAsync(packet, timeouts, cancellationToken).ConfigureAwait(false);
        return result.Failure is { } failure && FailureTable.Of(failure, packet, _state) is Remedy.Authenticate
            ? await ExchangeOnceAsync(packet, timeouts, cancellationToken).ConfigureAwait(false)
            : result;
    }

    /// <summary>
    /// Changes the state after a failure, so that the next packet continues in the right way, and says how. Null if the upload cannot
    /// continue.
    /// </summary>
    public Remedy? Recover(BitsPacket packet, BitsUploadException failure)
    {
        UploadState before = _state;
        Remedy remedy = FailureTable.Of(failure, packet, before);
        Transition transition = UploadRecovery.Apply(before, packet, failure, remedy);
        bool isUnreached = HasFallback(packet, before) && HostRouting.MeansUnreached(failure, remedy);
        _state = isUnreached ? HostRouting.Unreached(transition.State, Now()) : transition.State;
        UploadTelemetry.Recovered(before, _state, failure);
        return transition.Failure is null ? remedy : null;
    }

    private async Task<PacketResult> ExchangeOnceAsync(BitsPacket packet, RequestTimeouts timeouts, CancellationToken cancellationToken)
    {
        using SilenceTimer silence = new(time);
        using RequestInFlight request = new(packet, timeouts, silence, time) { LimitsWait = true };
        using CancellationTokenRegistration ending = cancellationToken.UnsafeRegister(static r => ((RequestInFlight)r!).Abandon(), request);
        return await ExchangeAsync(request).ConfigureAwait(false);
    }

    private PacketResult Apply(RequestInFlight request, BitsAck ack)
    {
        UploadState sent = UploadMachine.Sent(_state, request.Packet, SentOf(request));
        TimeSpan took = time.GetElapsedTime(request.Departure.LeftAt!.Value);
        Transition transition = UploadMachine.Apply(sent, request.Packet, ack, took, request.Departure.WritingTime);
        _state = transition.State;
        if (request.Packet is BitsPacket.Fragment fragment && _state.Tally.Fragments > sent.Tally.Fragments)
        {
            UploadTelemetry.Accepted(_state, fragment, took);
        }

        return transition.Failure is { } failure ? PacketResult.Failed(failure) : PacketResult.Acknowledged;
    }

    private PacketResult Fail(RequestInFlight request, Uri target, Exception e)
    {
        BitsPacket packet = request.Packet;
        _state = request.Departure.LeftAt switch
        {
            null when BrokeQuestion(request, e) => UploadMachine.NotAnswered(_state),
            null => UploadMachine.NotSent(_state),
            _ => UploadMachine.Unanswered(UploadMachine.Sent(_state, packet, SentOf(request)), packet),
        };

        if (e is OperationCanceledException abandonment && request is { Silence: null, IsAbandoned: true })
        {
            return PacketResult.Abandoned(abandonment);
        }

        if (request.Reply is { } reply)
        {
            _state = ReplyRules.Received(_state, reply.Length);
        }

        bool hasFallback = HasFallback(packet, _state);
        BitsUploadException failure = RequestFailure.Of(
            e, request, target, _state.Session?.Id, channel.HttpTimeout, SizeAdvice.Of(packet, _state), hasFallback);
        return PacketResult.Failed(failure);
    }

    private static bool HasFallback(BitsPacket packet, UploadState state) =>
        packet is not (BitsPacket.GetReply or { EndsOtherSession: true }) && state.Session is { Host.Fallback: not null };

    // A connection that could not be made is no answer.
    private static bool BrokeQuestion(RequestInFlight request, Exception e) =>
        request is { Packet: BitsPacket.Fragment { AsksFirst: true }, IsAbandoned: false }
        && e is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.Unknown };

    private static SentContent SentOf(RequestInFlight request) => new(
        request.Body?.Furthest ?? 0, request.Body?.BytesHandedOver ?? 0,
        request.Departure.Repetitions, request.Departure.UnexplainedRepetitions,
        request.Departure.Wait, request.Departure.AuthenticatesConnection);

    private TimeSpan Now() => time.GetElapsedTime(0);

    private Uri TargetOf(BitsPacket packet) => packet switch
    {
        BitsPacket.GetReply get => get.Url,
        BitsPacket.CancelSession { Target: { } target } => target,
        _ => _state.Target,
    };
}
