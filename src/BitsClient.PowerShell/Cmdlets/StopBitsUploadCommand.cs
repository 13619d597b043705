using System.Management.Automation;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Cancels uploads: the server deletes what it has received, and they are no longer saved.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BitsUpload", SupportsShouldProcess = true)]
public sealed class StopBitsUploadCommand : ServerCommand
{
    /// <summary>The uploads, or their ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), UploadId]
    [Alias("JobId", "BitsJob")]
    public Guid[] Id { get; set; } = [];

    /// <summary>The folder where unfinished uploads are saved.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    /// <summary>Cancels the uploads of one input object.</summary>
    protected override void ProcessRecord()
    {
        foreach (Guid id in Id)
        {
            Try(id, () => StopUpload(id));
        }
    }

    private void StopUpload(Guid id)
    {
        if (Find(id, StatePath, "cancel") is not { } found || !ShouldProcess(found.Upload.ToString(), "Cancel"))
        {
            return;
        }

        if (found.Running is { } run)
        {
            if (Wait(_ => run.TryCancelAsync()) is { } outcome)
            {
                Report(found, outcome);
                return;
            }

            // It has ended meanwhile.
            found = Find(id, StatePath, "cancel");
        }

        if (found is not null)
        {
            Report(found, found.Session is { } session
                ? Wait(_ => CancelSessionAsync(session, found.Upload.Folder))
                : BitsCancelOutcome.NotStarted);
        }
    }

    private async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint session, SavedUploads saved)
    {
        using HttpClient http = Connect(session.Url);
        BitsUploadClient client = CreateClient(http, new BitsUploadOptions { CheckpointStore = saved.Store }, PostWarning);
        return await client.CancelSessionAsync(session, new BitsJobOptions { Headers = Headers }).ConfigureAwait(false);
    }

    private void Report(FoundUpload canceled, BitsCancelOutcome outcome)
    {
        BitsUpload upload = canceled.Upload;
        if (outcome is BitsCancelOutcome.Unconfirmed && IsOpen(canceled))
        {
            IOException error = new($"{upload}: the server did not confirm the cancel, and may still have the session. Try again later.");
            WriteError(new ErrorRecord(error, "CancelUnconfirmed", ErrorCategory.ConnectionError, upload.Id));
            return;
        }

        if (outcome is BitsCancelOutcome.AlreadyCompleted)
        {
            RunningUploads.Remove(upload);
        }
        else
        {
            upload.SetCanceled();
        }

        if (WarningOf(outcome) is { } warning)
        {
            WriteWarning($"{upload}: {warning}");
        }
    }

    // Whether another cancel can try again.
    private bool IsOpen(FoundUpload canceled) =>
        canceled.Stored is null && canceled.Upload.Run?.Session is not null || Load(canceled.Upload.Id, canceled.Upload.Folder) is not null;

    private static string? WarningOf(BitsCancelOutcome outcome) => outcome switch
    {
        BitsCancelOutcome.AlreadyCompleted => "the upload was already complete, and the file is on the server.",
        BitsCancelOutcome.ReplyCanceled => "the server had received the whole file; only its reply is canceled.",
        BitsCancelOutcome.Unconfirmed => "the session no longer exists, but the complete file may be on the server.",
        _ => null,
    };
}
