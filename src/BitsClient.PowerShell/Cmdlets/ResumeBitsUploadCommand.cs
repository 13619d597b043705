using System.Management.Automation;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Resumes uploads that were suspended or interrupted, or that failed.</summary>
[Cmdlet(VerbsLifecycle.Resume, "BitsUpload", SupportsShouldProcess = true)]
[OutputType(typeof(BitsUpload))]
public sealed class ResumeBitsUploadCommand : TransferCommand
{
    private static readonly string[] OfNewRuns = [nameof(MaxBytesPerSecond), nameof(RetryInterval), nameof(RetryTimeout)];

    /// <summary>The uploads, or their ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), UploadId]
    [Alias("JobId", "BitsJob")]
    public Guid[] Id { get; set; } = [];

    /// <summary>Resumes the uploads of one input object.</summary>
    protected override void ProcessRecord()
    {
        foreach (Guid id in Id)
        {
            Try(id, () => ResumeUpload(id));
        }
    }

    private void ResumeUpload(Guid id)
    {
        if (RunningUploads.FindDone(id) is { State: BitsUploadStatus.Acknowledged } completed)
        {
            // It has ended before anybody waited for it.
            WriteWarningsOf(completed.Run!);
            if (Asynchronous || PassThru)
            {
                WriteObject(completed);
            }
        }
        else if (Find(id, StatePath, "resume") is { } found && ShouldProcess(found.Upload.ToString(), "Resume"))
        {
            if (found.Running is { } run)
            {
                ContinueRun(found.Upload, run);
            }
            else
            {
                RunAgain(found);
            }
        }
    }

    // Those that no cmdlet has written.
    private void WriteWarningsOf(UploadRun ended)
    {
        ended.Warnings.Writer = WriteWarning;
        ended.Warnings.Writer = null;
    }

    private void RunAgain(FoundUpload found)
    {
        UploadRequest request = found.Stored is { } saved ? UploadRequest.Of(saved) : found.Upload.Run!.Request;
        if (request.Source is null)
        {
            throw new FileNotFoundException(
                $"What is saved of the upload {found.Upload.Id} does not have the path of its file. It can be canceled with "
                + "Stop-BitsUpload, or resumed by the program that began it.");
        }

        CreateJob createJobAsync = found switch
        {
            { Stored: { } stored } => (client, options, stop) => client.CreateOrResumeJobAsync(
                stored, options: options, cancellationToken: stop),
            { Session: { } session } => (client, options, _) => request.ResumeJobAsync(session, client, options),

            // It failed before the server had created its session.
            _ => request.CreateJobAsync,
        };
        if (found.Upload.Run is { } failed)
        {
            WriteWarningsOf(failed);
        }

        Run(request, found.Upload.Folder, createJobAsync, found.Upload.Run is null ? null : found.Upload);
    }

    // It is suspended, or runs already. It has its own connection.
    private void ContinueRun(BitsUpload upload, UploadRun run)
    {
        foreach (string name in OfNewRuns.Where(HasParameter))
        {
            WriteWarning($"{upload}: -{name} has no effect, because the upload is already running.");
        }

        Wait(_ => run.ResumeAsync());
        if (Asynchronous)
        {
            WriteObject(upload);
            return;
        }

        run.Observer = ProgressWriter(upload);
        run.Warnings.Writer = PostWarning;
        try
        {
            using CancellationTokenRegistration canceling = StopToken.Register(() => _ = run.TryCancelAsync());
            WaitFor(upload, run);
        }
        finally
        {
            run.Observer = null;
            run.Warnings.Writer = null;
        }
    }
}
