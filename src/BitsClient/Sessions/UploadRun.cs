using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Resilience;

namespace BitsClient.Sessions;

/// <summary>One run of a job: the loop, also across suspensions, and the result or the exception that it ends in.</summary>
/// <remarks>
/// How a run is stopped: the token ends the request in flight (RunSignals.OnStop calls RequestInFlight.Stop), the loop ends with
/// RunEndKind.Stopped, and EndStoppedAsync keeps the session, or cancels it as <see cref="IBitsUploadJob.CancelAsync"/> does.
/// </remarks>
/// <param name="job">The job.</param>
/// <param name="parts">What it consists of.</param>
/// <param name="gate">Knows about a cancel that begins at the same time.</param>
/// <param name="jobStop">Fires when the job is canceled or disposed; RunToEndAsync links the caller's token to it.</param>
/// <param name="cancellationToken">The caller's token.</param>
internal sealed class UploadRun(
    UploadJob job, JobParts parts, JobGate gate, CancellationToken jobStop, CancellationToken cancellationToken)
{
    /// <summary>Runs the upload; see <see cref="IBitsUploadJob.RunAsync"/> for what it throws.</summary>
    /// <param name="progress">Receives progress reports; null for none.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BitsUploadResult> RunToEndAsync(IProgress<BitsUploadProgress>? progress)
    {
        await LockAsync().ConfigureAwait(false);
        ProgressReporter reporter = parts.Context.ReporterOf(progress);
        await using ConfiguredAsyncDisposable reporterEnd = reporter.ConfigureAwait(false);
        using CancellationTokenSource? either = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(jobStop, cancellationToken)
            : null;

        // A cancel that began before this run does not wait for it, so nothing may be sent.
        CancellationToken stop = gate.IsCanceling ? new CancellationToken(canceled: true) : either?.Token ?? jobStop;
        RunEnd end;
        try
        {
            do
            {
                CancellationToken pause = await WaitWhileSuspendedAsync(reporter, stop).ConfigureAwait(false);
                using RunSignals signals = new(
                    parts.Context.Options.NoProgressTimeout, parts.Context.Time, KeepsSession, stop, pause);
                end = await parts.Loop.UploadAsync(reporter, signals).ConfigureAwait(false);
            }
            while (end.Kind is RunEndKind.Paused);

            if (!stop.IsCancellationRequested && end.Kind is not RunEndKind.Done)
            {
                end = await FailAsync(end).ConfigureAwait(false);
            }
        }
        finally
        {
            parts.Suspension.LoopEnded();
        }

        await CleanUpAsync(end).ConfigureAwait(false);
        gate.EndLoop();
        await ThrowUnlessDoneAsync(end, stop.IsCancellationRequested).ConfigureAwait(false);
        await parts.Keeper.SaveOrDeleteAsync(parts.State).ConfigureAwait(false);
        reporter.Complete(parts.State);
        return BitsUploadResult.Of(parts.State, parts.Reply, parts.Hash?.Whole, parts.Context.Time.GetElapsedTime(gate.StartedAt!.Value));
    }

    // Sessions that the upload has replaced are still ended after a success; after a failure, that was done already.
    private async ValueTask CleanUpAsync(RunEnd end)
    {
        if (end.Kind is RunEndKind.Done && parts.State.Ledger.ToEnd.Any())
        {
            // First, because ending them may take time: a process that dies meanwhile must not leave an upload that looks unfinished.
            await parts.Keeper.SaveOrDeleteAsync(parts.State).ConfigureAwait(false);
            await parts.Cancellation.EndEarlierAsync().ConfigureAwait(false);
        }
        else if (end.Kind is not RunEndKind.Done)
        {
            parts.Reply?.Abandon();
        }
    }

    private async ValueTask LockAsync()
    {
        try
        {
            await parts.Keeper.LockAsync().ConfigureAwait(false);
            if (parts.MustBeStored || parts.State.Session is { Resumed: true })
            {
                BitsUploadCheckpoint? latest =
                    await parts.Keeper.LoadLatestAsync(parts.State, parts.MustBeStored).ConfigureAwait(false);
                if (latest is not null && !gate.IsCanceling)
                {
                    parts.Exchange.Update(latest);
                }

                parts.MustBeStored = false;
            }
        }
        catch (Exception)
        {
            gate.SetFailed();
            throw;
        }
    }

    private async ValueTask<CancellationToken> WaitWhileSuspendedAsync(ProgressReporter reporter, CancellationToken stop)
    {
        bool isSuspended = parts.Suspension.IsRequested;
        UploadState state = parts.State;
        if (isSuspended)
        {
            Log.Suspended(parts.Context.Logger, BitsUrl.Shown(state.Url), state.Acknowledged, state.Total);
            reporter.Suspended(state);
            await parts.Keeper.SaveAsync(state).ConfigureAwait(false);
        }

        CancellationToken pause = await parts.Suspension.WaitWhileSuspendedAsync(stop).ConfigureAwait(false);
        if (isSuspended && !stop.IsCancellationRequested)
        {
            Log.Resumed(parts.Context.Logger, BitsUrl.Shown(state.Url));
        }

        return pause;
    }

    // The loop failed or stalled. If the session is canceled because of that and could still be closed, the upload has succeeded.
    private async Task<RunEnd> FailAsync(RunEnd end)
    {
        UploadState state = parts.State;
        Exception failure = end.Failure!;
        BitsUploadException? ofPacket = failure as BitsUploadException;
        Log.Failed(
            parts.Context.Logger, BitsUrl.Shown(state.Url), ofPacket?.PacketType, state.Acknowledged, state.Total, MessageText.Of(failure));
        if (parts.Context.Options.OnFailure is BitsSessionAction.CancelSession)
        {
            // Not CancelOnceAsync: a cancel through the gate would wait for the end of this run.
            CancelResult result = await parts.Cancellation.EndAsync().ConfigureAwait(false);
            if (result.Outcome is BitsCancelOutcome.AlreadyCompleted)
            {
                return RunEnd.Done;
            }

            await parts.Keeper.SaveOrDeleteAsync(parts.State).ConfigureAwait(false);
        }
        else
        {
            await parts.Keeper.SaveAsync(parts.State).ConfigureAwait(false);
            if (parts.State.Ledger.ToEnd.Any())
            {
                // The sessions that the upload no longer uses are of no use to a later run either.
                await parts.Cancellation.EndEarlierAsync().ConfigureAwait(false);
                await parts.Keeper.SaveOrDeleteAsync(parts.State).ConfigureAwait(false);
            }
        }

        gate.SetFailed();
        ofPacket?.SetCheckpoint(parts.Checkpoint, parts.State.MayBeStored);
        return end;
    }

    // The one place that turns the end of the loop into an exception.
    private async ValueTask ThrowUnlessDoneAsync(RunEnd end, bool isStopped)
    {
        switch (end.Kind)
        {
            case RunEndKind.Done:
                break;
            case RunEndKind.Failed or RunEndKind.Stalled when !isStopped:
                ExceptionDispatchInfo.Throw(end.Failure!);
                break;

            // A stop that came too late leaves an upload that is complete.
            default:
                if (await EndStoppedAsync(end.Failure).ConfigureAwait(false) is { } canceled)
                {
                    throw canceled;
                }

                break;
        }
    }

    // The job was disposed of, or the caller's token fired and means that.
    private bool MayKeep =>
        !cancellationToken.IsCancellationRequested || parts.Context.Options.OnCancellation is BitsSessionAction.KeepSession;

    private bool KeepsSession() => MayKeep && !gate.IsCanceling;

    private async Task<BitsUploadCanceledException?> EndStoppedAsync(Exception? cause)
    {
        if (parts.State.Closed)
        {
            return null;
        }

        CancellationToken token = cancellationToken.IsCancellationRequested ? cancellationToken : CancellationToken.None;
        if (gate.TryKeep(MayKeep))
        {
            await parts.Keeper.SaveAsync(parts.State).ConfigureAwait(false);
            return new BitsUploadCanceledException(parts.State.Outcome ?? BitsCancelOutcome.SessionKept, parts.Checkpoint, cause, token);
        }

        CancelResult result = await job.CancelOnceAsync(byCaller: false).ConfigureAwait(false);
        return result.Outcome is BitsCancelOutcome.AlreadyCompleted
            ? null
            : new BitsUploadCanceledException(result.Outcome, parts.Checkpoint, result.Failure ?? cause, token);
    }
}
