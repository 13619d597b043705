using System.Management.Automation;
using BitsClient.PowerShell.Output;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Resumes uploads that were suspended or interrupted, or that failed.</summary>
[Cmdlet(VerbsLifecycle.Resume, "BitsUpload", SupportsShouldProcess = true)]
[OutputType(typeof(BitsUpload))]
public sealed class ResumeBitsUploadCommand : TransferCommand
{
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
        BitsUpload? known = RunningUploads.Find(id);
        if (known is { Run.IsEnded: false })
        {
            ContinueRun(known);
        }
        else if (Wait(stop => Saved.Store.LoadAsync(id, stop).AsTask()) is { } checkpoint)
        {
            RunAgain(UploadRequest.Of(checkpoint), (client, options, stop) => client.CreateOrResumeJobAsync(
                checkpoint, options: options, cancellationToken: stop));
        }
        else if (known is not null)
        {
            // It failed before the server had created its session.
            RunAgain(known.Run!.Request, known.Run.Request.CreateJobAsync);
        }
        else if (RunningUploads.FindDone(id) is { State: BitsUploadStatus.Acknowledged } completed)
        {
            // It has ended before anybody waited for it.
            if (Asynchronous || PassThru)
            {
                WriteObject(completed);
            }
        }
        else
        {
            WriteError(Failure.NotFound(id, $"in '{Saved.Path}'"));
        }

        void RunAgain(UploadRequest request, CreateJob createJobAsync)
        {
            if (ShouldProcess(request.ToString(), "Resume"))
            {
                RunningUploads.Remove(id);
                Run(request, createJobAsync);
            }
        }
    }

    // It is suspended, or runs already. It has its own connection.
    private void ContinueRun(BitsUpload upload)
    {
        if (!ShouldProcess(upload.ToString(), "Resume"))
        {
            return;
        }

        Wait(_ => upload.Run!.ResumeAsync());
        if (Asynchronous)
        {
            WriteObject(upload);
            return;
        }

        upload.Run!.Observer = ProgressWriter(upload);
        try
        {
            using CancellationTokenRegistration canceling = StopToken.Register(() => _ = upload.Run.CancelAsync());
            WaitFor(upload);
        }
        finally
        {
            upload.Run.Observer = null;
        }
    }
}
