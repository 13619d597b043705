using System.Runtime.CompilerServices;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Polly;

namespace BitsClient.Sessions;

/// <summary>
/// The upload itself: asks the machine for the next packet, sends it, recovers from its failure, and repeats that until nothing is left to
/// send. One run uses it at a time.
/// </summary>
internal sealed class UploadLoop(PacketExchange exchange, PacketSender sender, ClientContext context, CheckpointKeeper keeper)
{
    private volatile bool _isWaiting;
    private Uri _target = exchange.State.Url;

    /// <summary>A packet failed, and the delay before the retry has not elapsed yet. Any thread may read it.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>
    /// Runs until nothing is left to send, or a signal or a failure ends it. Does not throw, and leaves no request in flight.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RunEnd> UploadAsync(ProgressReporter progress, RunSignals signals)
    {
        try
        {
            RunEnd? end = await BeginAsync(signals).ConfigureAwait(false);
            while (end is null && !exchange.State.Closed)
            {
                if (signals.IsInterrupted)
                {
                    return signals.EndOf(exchange.State);
                }

                long before = exchange.State.Acknowledged;
                Attempt attempt = await TryNextAsync(progress, signals).ConfigureAwait(false);
                end = attempt.RetryReason is null
                    ? attempt.End
                    : await RetryAsync(attempt, progress, signals).ConfigureAwait(false);
                if (end is null)
                {
                    await ContinueAsync(before, signals).ConfigureAwait(false);
                }
            }

            return end ?? RunEnd.Done;
        }
        catch (OperationCanceledException) when (signals.IsInterrupted)
        {
            return signals.EndOf(exchange.State);
        }
        catch (Exception e)
        {
            return RunEnd.Failed(e);
        }
        finally
        {
            _isWaiting = false;
        }
    }

    // Null if the loop can begin.
    private async ValueTask<RunEnd?> BeginAsync(RunSignals signals)
    {
        if (sender.HasHash && !signals.IsInterrupted)
        {
            await sender.CompareSourceAsync(signals.Token).ConfigureAwait(false);
        }

        if (signals.IsInterrupted)
        {
            // Whoever stopped the upload may be ending its session at this moment.
            return signals.EndOf(exchange.State);
        }

        UploadState before = exchange.State;
        exchange.Begin();
        UploadEvents.Doubted(context.Logger, before, exchange.State);
        return null;
    }

    private async ValueTask ContinueAsync(long acknowledgedBefore, RunSignals signals)
    {
        context.Hosts.Learn(exchange.State);
        await keeper.SaveAckedAsync(exchange.State).ConfigureAwait(false);
        if (exchange.State.Acknowledged > acknowledgedBefore)
        {
            signals.Progressed();
        }
    }

    // Most packets need no retry, and no pipeline: an attempt that failed is handed to it as the first of its own. Null if the loop
    // continues.
    private async ValueTask<RunEnd?> RetryAsync(Attempt failed, ProgressReporter progress, RunSignals signals)
    {
        ResilienceContext resilience = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, signals.Token);
        resilience.Properties.Set(RetryPipeline.Retrying, (failure, delay) => Retrying(failure, delay, progress));
        Attempt? first = failed;
        Outcome<Attempt> outcome = await context.Retry.ExecuteOutcomeAsync(
            async (_, loop) =>
            {
                Attempt attempt = first ?? await loop.TryNextAsync(progress, signals).ConfigureAwait(false);
                first = null;
                return Outcome.FromResult(attempt);
            },
            resilience, this).ConfigureAwait(false);
        ResilienceContextPool.Shared.Return(resilience);
        return _isWaiting && signals.TryGrantLastAttempt() ? null : EndOf(outcome, signals);
    }

    private void Retrying(BitsUploadException failure, TimeSpan delay, ProgressReporter progress)
    {
        Log.Retrying(context.Logger, failure.PacketType, BitsUrl.Shown(exchange.State.Target), delay, MessageText.Of(failure));
        _isWaiting = true;
        progress.Failed(exchange.State, failure, delay);
    }

    // One attempt to send the next packet. The machine is asked again each time, because a failure may have changed what comes next.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Attempt> TryNextAsync(ProgressReporter progress, RunSignals signals)
    {
        _isWaiting = false;
        UploadState before = exchange.State;
        BitsPacket? next = exchange.Next(context.Hosts);
        UploadEvents.Doubted(context.Logger, before, exchange.State);
        if (next is not { } packet)
        {
            // The last packet was acknowledged, and a strategy of the caller failed after that.
            return Attempt.Next;
        }

        LogHost();
        PacketResult result = await sender.SendAsync(packet, progress, signals).ConfigureAwait(false);
        LogHost();
        return result switch
        {
            { Abandonment: not null } => Attempt.Ended(signals.EndOf(exchange.State)),
            { Failure: { } failure } => Recover(packet, failure, signals),
            _ => Attempt.Next,
        };
    }

    // The server may name a host when it acknowledges Create-Session, and the session may leave it before any packet.
    private void LogHost()
    {
        UploadState state = exchange.State;
        if (state.Session is not null && state.Target != _target)
        {
            _target = state.Target;
            Log.HostChanged(context.Logger, BitsUrl.Shown(state.Url), _target.Authority);
        }
    }

    private Attempt Recover(BitsPacket packet, BitsUploadException failure, RunSignals signals)
    {
        if (signals.IsStopped)
        {
            return Attempt.Ended(RunEnd.Stopped(failure));
        }

        UploadState before = exchange.State;
        if (exchange.Recover(packet, failure) is not { } remedy)
        {
            // A transient failure does not end an upload that is being suspended: it resumes with a new retry budget.
            return Attempt.Ended(failure.IsTransient && signals.IsPaused ? RunEnd.Paused : RunEnd.Failed(failure));
        }

        UploadEvents.Recovered(context.Logger, packet, before, exchange.State, failure);
        signals.Failed(failure);
        return failure.IsTransient && remedy is not Remedy.ShrinkAtOnce ? Attempt.Retry(failure) : Attempt.Next;
    }

    // Null if the loop continues. A signal that fires during the delay before a retry ends the delay.
    private RunEnd? EndOf(Outcome<Attempt> outcome, RunSignals signals) => outcome switch
    {
        { Exception: OperationCanceledException } when signals.IsInterrupted => signals.EndOf(exchange.State),
        { Exception: { } e } => RunEnd.Failed(e),
        { Result.RetryReason: not null } => signals.EndOf(exchange.State),
        { Result.End: { } end } => end,
        _ => null,
    };
}
