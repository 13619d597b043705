using System.Management.Automation;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Suspends asynchronous uploads of this session of PowerShell. The server keeps what it has received.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "BitsUpload", SupportsShouldProcess = true)]
public sealed class SuspendBitsUploadCommand : BitsCommand
{
    /// <summary>The uploads, or their ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), UploadId]
    [Alias("JobId", "BitsJob")]
    public Guid[] Id { get; set; } = [];

    /// <summary>Suspends the uploads of one input object.</summary>
    protected override void ProcessRecord()
    {
        foreach (Guid id in Id)
        {
            Try(id, () => SuspendUpload(id));
        }
    }

    private void SuspendUpload(Guid id)
    {
        BitsUpload? upload = RunningUploads.Find(id);
        if (upload is { Run.IsEnded: false } && !ShouldProcess(upload.ToString(), "Suspend"))
        {
            return;
        }

        // It may also end meanwhile.
        if (upload?.Run is not { IsEnded: false } run || !Wait(_ => run.TrySuspendAsync()))
        {
            WriteNotFound(id, "that this session of PowerShell runs", "suspend");
        }
    }
}
