using System.Runtime.CompilerServices;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>Runs upload jobs until they end or a signal stops them.</summary>
/// <param name="signals">The signals that stop the upload.</param>
/// <param name="saved">Where checkpoints are saved, so that a failure or SIGTERM keeps the session; null for none.</param>
/// <param name="json">Whether the result is JSON, also after a failure.</param>
/// <param name="notice">Writes a message during the upload.</param>
/// <param name="quit">Writes the result of an upload that a second signal ends at once.</param>
internal sealed class TerminalUpload(
    StopSignals signals, SavedUploads? saved, bool json, Action<string> notice, Action<string> quit)
{
    private bool _isStopTold;

    /// <summary>Creates and runs a job.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="show">Shows the progress of a job while it is run.</param>
    public async Task<UploadEnd> RunAsync(
        PlannedUpload upload, Func<Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>>, Task<BitsUploadResult>> show)
    {
        UploadSubject subject = upload.Subject;
        IBitsUploadJob? job = null;
        StrongBox<bool> isReported = new();
        await using CancellationTokenRegistration quitting =
            signals.Quitting.UnsafeRegister(_ => ReportQuit(subject, job, isReported), state: null);
        try
        {
            signals.Token.ThrowIfCancellationRequested();
            job = await upload.CreateJobAsync();
            BitsUploadResult result = await show(progress => RunAsync(job, progress));
            string output = json ? UploadReport.Of(subject, job.Id, result).ToJson() : UploadSummary.Of(subject.File, subject.Url, result);
            return new UploadEnd(IsReported(isReported) ? null : output, null);
        }
        catch (Exception e)
        {
            UploadSubject known = job is null ? subject : subject with { Id = job.Id, Session = job.SessionId };
            Exception failure = saved is not null && known.Id is { } id ? KeptUploadException.Of(e, saved, id) : e;
            return new UploadEnd(json && !IsReported(isReported) ? UploadReport.Of(known, failure).ToJson() : null, failure);
        }
        finally
        {
            if (job is not null)
            {
                await job.DisposeAsync();
            }
        }
    }

    private async Task<BitsUploadResult> RunAsync(IBitsUploadJob job, IProgress<BitsUploadProgress> progress)
    {
        using CancellationTokenSource stop = new();
        Task<BitsUploadResult> running = job.RunAsync(progress, stop.Token);

        // Stop() writes its notice before it stops the job, which can take a while.
        await using CancellationTokenRegistration stopping = signals.Token.UnsafeRegister(_ => Stop(job, stop), state: null);
        return await running;
    }

    private void Stop(IBitsUploadJob job, CancellationTokenSource stop)
    {
        if (saved is not null && signals.IsTermination)
        {
            TellStop("Stopping; the session is kept.");
            stop.Cancel();
        }
        else
        {
            TellStop("Canceling the session. A second Ctrl-C quits without waiting.");
            _ = job.CancelAsync();
        }
    }

    // Once for all uploads that are running.
    private void TellStop(string text)
    {
        if (!Interlocked.Exchange(ref _isStopTold, true))
        {
            notice(text);
        }
    }

    // Only one result is written: at the end, or if a second signal ends the process before.
    private static bool IsReported(StrongBox<bool> isReported) => Interlocked.Exchange(ref isReported.Value, true);

    // What becomes of the session is unknown, unless it is kept.
    private void ReportQuit(UploadSubject subject, IBitsUploadJob? job, StrongBox<bool> isReported)
    {
        if (!json || IsReported(isReported))
        {
            return;
        }

        BitsCancelOutcome outcome =
            saved is not null && signals.IsTermination ? BitsCancelOutcome.SessionKept : BitsCancelOutcome.Unconfirmed;
        Exception failure = new BitsUploadCanceledException(job is null ? BitsCancelOutcome.NotStarted : outcome, job?.Checkpoint);
        UploadSubject known = job is null ? subject : subject with { Id = job.Id, Session = job.SessionId };
        failure = saved is not null && known.Id is { } id ? KeptUploadException.Of(failure, saved, id) : failure;
        quit(UploadReport.Of(known, failure).ToJson());
    }
}
