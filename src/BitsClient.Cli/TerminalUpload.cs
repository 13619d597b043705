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
        StrongBox<bool> isReported = new();
        Run run = new(upload.Subject);
        await using CancellationTokenRegistration quitting = signals.Quitting.UnsafeRegister(_ => ReportQuit(run, isReported), state: null);
        UploadEnd end = await RunAsync(run, upload, show);
        return IsReported(isReported) ? end with { Output = null } : end;
    }

    /// <summary>How an upload ended that was not begun before a signal.</summary>
    public UploadEnd NotStarted(PlannedUpload upload)
    {
        OperationCanceledException failure = new(signals.Token);
        return new UploadEnd(json ? UploadReport.Of(upload.Subject, failure).ToJson() : null, 0, failure);
    }

    private async Task<UploadEnd> RunAsync(
        Run run, PlannedUpload upload, Func<Func<IProgress<BitsUploadProgress>, Task<BitsUploadResult>>, Task<BitsUploadResult>> show)
    {
        UploadSubject subject = upload.Subject;
        try
        {
            IBitsUploadJob job = run.Job = await upload.CreateJobAsync();
            BitsUploadResult result = await show(progress => RunAsync(job, progress));
            string output = json ? UploadReport.Of(subject, job.Id, result).ToJson() : UploadSummary.Of(subject.File, subject.Url, result);
            return new UploadEnd(output, result.BytesTransferred, null);
        }
        catch (Exception e)
        {
            Exception failure = Kept(e, run.Known);
            return new UploadEnd(json ? UploadReport.Of(run.Known, failure).ToJson() : null, 0, failure);
        }
        finally
        {
            if (run.Job is not null)
            {
                await run.Job.DisposeAsync();
            }
        }
    }

    private Exception Kept(Exception failure, UploadSubject known) =>
        saved is not null && known.Id is { } id ? KeptUploadException.Of(failure, saved, id) : failure;

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
    private void ReportQuit(Run run, StrongBox<bool> isReported)
    {
        if (!json || IsReported(isReported))
        {
            return;
        }

        BitsCancelOutcome outcome =
            saved is not null && signals.IsTermination ? BitsCancelOutcome.SessionKept : BitsCancelOutcome.Unconfirmed;
        Exception failure = new BitsUploadCanceledException(run.Job is null ? BitsCancelOutcome.NotStarted : outcome, run.Job?.Checkpoint);
        quit(UploadReport.Of(run.Known, Kept(failure, run.Known)).ToJson());
    }

    // What is known of an upload that is running.
    private sealed class Run(UploadSubject subject)
    {
        public IBitsUploadJob? Job { get; set; }

        public UploadSubject Known => Job is { } job ? subject with { Id = job.Id, Session = job.SessionId } : subject;
    }
}
