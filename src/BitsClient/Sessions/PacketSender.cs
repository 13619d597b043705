using System.Runtime.CompilerServices;
using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Transport;
using Polly;

namespace BitsClient.Sessions;

/// <summary>
/// Sends one packet with everything that belongs to it: the caller's own strategies around it, its content or download, and what can end
/// it. Only the loop of a run uses it.
/// </summary>
internal sealed class PacketSender(
    PacketExchange exchange, BitsUploadSource source, BitsReplyTarget? reply, ClientContext context, Suspension suspension,
    CheckpointKeeper keeper, SourceHash? hash)
{
    // Less than this of a reply is no progress: a server that sends a byte now and then would hold the upload up for ever.
    private const long ReplyStep = 64 * 1024;

    private bool _hasLoggedRepetition;
    private long _replyProgress;

    /// <summary>Sends the packet through the caller's own strategies. Does not throw.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PacketResult> SendAsync(BitsPacket packet, ProgressReporter progress, RunSignals signals)
    {
        Delivery delivery = new(packet, progress, signals, isLimited: context.SendLimit is not null);
        Outcome<PacketResult> outcome = context.CallersPipeline is { } pipeline
            ? await SendThroughAsync(pipeline, delivery).ConfigureAwait(false)
            : await SendOnceAsync(delivery, CancellationToken.None).ConfigureAwait(false);

        // A strategy that returns a success does not change what happened.
        return (outcome.Exception ?? delivery.ErrorOrNull) switch
        {
            null => PacketResult.Acknowledged,
            OperationCanceledException abandonment when signals.IsInterrupted => PacketResult.Abandoned(abandonment),
            BitsUploadException failure => PacketResult.Failed(failure),

            // Any other exception comes from a caller's strategy: the packet was not sent, or it is unknown whether it arrived.
            { } foreign => PacketResult.Failed(Failure.OfPacket(
                packet, exchange.State.Target, BitsFailureReason.Pipeline,
                $"a strategy of {nameof(BitsRetryOptions.ConfigurePipeline)} failed: {foreign.Message}", foreign, isTransient: true)),
        };
    }

    /// <summary>The source has a hash, which may have to be compared.</summary>
    public bool HasHash => hash is not null;

    /// <summary>Compares the source with the hash in the checkpoint, so that an upload is not resumed with other bytes.</summary>
    /// <exception cref="BitsUploadException">The source has changed, or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public Task CompareSourceAsync(CancellationToken cancellationToken) => ReadAsync(() => hash!.CompareAsync(cancellationToken));

    private async ValueTask<Outcome<PacketResult>> SendThroughAsync(ResiliencePipeline pipeline, Delivery delivery)
    {
        ResilienceContext resilience = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, delivery.Signals.Token);
        Outcome<PacketResult> outcome;
        try
        {
            outcome = await pipeline.ExecuteOutcomeAsync(
                (attempt, sent) => SendOnceAsync(sent, attempt.CancellationToken), resilience, delivery).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            outcome = Outcome.FromException<PacketResult>(e);
        }

        ResilienceContextPool.Shared.Return(resilience);
        return outcome;
    }

    // The failure is returned as an outcome, so that the caller's strategies see it without its being thrown.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Outcome<PacketResult>> SendOnceAsync(Delivery delivery, CancellationToken strategyToken)
    {
        BitsPacket packet = delivery.Packet;
        if (delivery.WasSent)
        {
            return Outcome.FromException<PacketResult>(Failure.OfPacket(
                packet, exchange.State.Target, BitsFailureReason.Pipeline,
                $"a strategy of {nameof(BitsRetryOptions.ConfigurePipeline)} sent the packet twice; the upload itself retries packets."));
        }

        (delivery.WasSent, delivery.Error) = (true, null);
        try
        {
            delivery.Progress.Reached(exchange.State);
            await PrepareAsync(packet, delivery.Signals).ConfigureAwait(false);
            using RequestInFlight request = RequestOf(packet, delivery);
            using CancellationTokenRegistration onStop = delivery.Signals.OnStop(request);
            using CancellationTokenRegistration onNoProgress = delivery.Signals.OnNoProgress(request);
            using CancellationTokenRegistration onStrategyCancel = OnStrategyCancel(request, delivery, strategyToken);
            using Suspension.Registration onSuspend = suspension.Register(request);

            // The last check before the request is dispatched. A later stop or suspension reaches it through the registrations above.
            delivery.Signals.ThrowIfStoppedOrPaused();
            delivery.Signals.Waiting();
            PacketResult result = await exchange.ExchangeAsync(request).ConfigureAwait(false);
            LogRepetitions(request);
            delivery.Error = result.Failure ?? (Exception?)result.Abandonment;
            return OutcomeOf(packet, result);
        }
        catch (Exception e)
        {
            delivery.Error = e;
            return Outcome.FromException<PacketResult>(e);
        }
    }

    private Outcome<PacketResult> OutcomeOf(BitsPacket packet, PacketResult result)
    {
        if ((result.Failure ?? (Exception?)result.Abandonment) is { } error)
        {
            return Outcome.FromException<PacketResult>(error);
        }

        // Logged before the caller's strategies see the outcome, because a strategy can replace a success with a failure, or a failure with
        // a success.
        UploadEvents.Acknowledged(context.Logger, packet, exchange.State);
        return Outcome.FromResult(result);
    }

    private RequestInFlight RequestOf(BitsPacket packet, Delivery delivery)
    {
        UploadState state = exchange.State;
        RequestInFlight request = new(packet, context.Timeouts, delivery.Signals.Silence, context.Time)
        {
            EarlierTrySentLastBytes = state.Session is { LastFragmentUnanswered: true },
            Observer = delivery,
            Run = context.CallersPipeline is null ? delivery.Signals : null,
        };
        switch (packet)
        {
            case BitsPacket.Fragment fragment:
                request.Content = new FragmentContent(
                    source, fragment.Offset, fragment.Length, fragment.IsProbe ? null : hash, request, context.SendLimit)
                {
                    BytesPerSecond = state.Sizing.BytesPerSecond,
                };
                request.Departure.ForbidsRepetition = state.MayStoreTwice;
                break;
            case BitsPacket.GetReply get:
                request.Reply = DownloadOf(get, request, delivery);
                break;
        }

        return request;
    }

    // For example, a timeout strategy of the caller. If the upload is stopped, the strategy's token fires as well, but the upload decides
    // what follows.
    private static CancellationTokenRegistration OnStrategyCancel(RequestInFlight request, Delivery delivery, CancellationToken token)
    {
        delivery.Request = request;
        return token.UnsafeRegister(
            static state =>
            {
                Delivery canceled = (Delivery)state!;
                if (!canceled.Signals.IsInterrupted)
                {
                    canceled.Request!.Abandon();
                }
            },
            delivery);
    }

    private async ValueTask PrepareAsync(BitsPacket packet, RunSignals signals)
    {
        switch (packet)
        {
            case BitsPacket.Fragment fragment:
                long end = hash is { MustCoverSent: true } ? fragment.Offset + fragment.Length : fragment.Offset;
                await ReadToAsync(end, signals).ConfigureAwait(false);

                // Without a store, not even the state is created.
                if (keeper.HasStore)
                {
                    await keeper.CoverAsync(UploadMachine.Sending(exchange.State, fragment)).ConfigureAwait(false);
                }

                break;
            case BitsPacket.CloseSession:
                await ReadToAsync(exchange.State.Total, signals).ConfigureAwait(false);

                // If this process dies while the session is closed, the next one must not send a byte of it again.
                await keeper.SaveCompleteAsync(exchange.State).ConfigureAwait(false);
                break;
        }
    }

    private void LogRepetitions(RequestInFlight request)
    {
        if (request.Departure.UnexplainedRepetitions > 0 && !_hasLoggedRepetition)
        {
            _hasLoggedRepetition = true;
            Log.SentTwice(context.Logger, request.Packet.Type, BitsUrl.Shown(exchange.State.Target));
        }
    }

    private ReplyDownload DownloadOf(BitsPacket.GetReply get, RequestInFlight request, Delivery delivery)
    {
        // Less was received than counted if another session has another reply.
        _replyProgress = Math.Min(_replyProgress, exchange.State.Session!.ReplyHighWater);
        return new ReplyDownload(get, reply!, context.Options.MaxReplySize, part =>
        {
            request.Received();
            delivery.Progress.Received(part.Length, part.Total);
            if (part.Length >= _replyProgress + ReplyStep)
            {
                _replyProgress = part.Length;
                delivery.Signals.Downloaded();
            }
        });
    }

    // The hash also needs the bytes that are never sent, because the server has them.
    private Task ReadToAsync(long length, RunSignals signals) =>
        hash is null ? Task.CompletedTask : ReadHashedAsync(hash, length, signals.Token);

    // A method of its own, as its closure is allocated at the beginning.
    private Task ReadHashedAsync(SourceHash hashed, long length, CancellationToken cancellationToken) =>
        ReadAsync(() => hashed.ReadToAsync(length, cancellationToken));

    private async Task ReadAsync(Func<Task> read)
    {
        UploadState state = exchange.State;
        try
        {
            await read().ConfigureAwait(false);
        }
        catch (BitsSourceChangedException e)
        {
            throw Failure.OfChangedSource(e.Message, state.Url, sessionId: state.Session?.Id);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Failure.OfUnreadableSource(e, state.Url, state.Session?.Id);
        }
    }

    /// <summary>One packet on its way through the caller's strategies.</summary>
    private sealed class Delivery(BitsPacket packet, ProgressReporter progress, RunSignals signals, bool isLimited) : IRequestObserver
    {
        public BitsPacket Packet => packet;

        public ProgressReporter Progress => progress;

        public RunSignals Signals => signals;

        /// <summary>The packet was sent: a strategy that sends it again would have two requests in one session.</summary>
        public bool WasSent { get; set; }

        /// <summary>Why the packet was sent and not acknowledged; null if it was, or was not sent.</summary>
        public Exception? Error { private get; set; }

        /// <summary>Why the packet was not acknowledged, whatever a strategy makes of it; null if it was.</summary>
        public Exception? ErrorOrNull =>
            WasSent ? Error : new InvalidOperationException("it neither sent the packet nor threw an exception.");

        /// <summary>What was sent, for the callback of a strategy's token.</summary>
        public RequestInFlight? Request { get; set; }

        public void Left() => signals.Connected(isDownload: packet is BitsPacket.GetReply);

        public void Limited(bool isWaiting)
        {
            if (isLimited)
            {
                signals.Limited(isWaiting);
            }
        }

        public void Wrote(int bytes) => progress.Sent(bytes);

        public bool KeepsSession() => signals.KeepsSession;
    }
}
