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
        SavedUploads saved = this.SavedUploadsAt(StatePath);
        BitsUpload? known = RunningUploads.Find(id);
        if (known is { Run.IsEnded: false })
        {
            Cancel(known, known.Run.CancelAsync);
        }
        else if (Wait(stop => saved.Store.LoadAsync(id, stop).AsTask()) is { } checkpoint)
        {
            Cancel(new BitsUpload(checkpoint, saved), () => CancelSessionAsync(checkpoint, saved));
        }
        else if (known is not null)
        {
            // It failed before the server had created its session.
            Cancel(known, () => Task.FromResult(BitsCancelOutcome.NotStarted));
        }
        else
        {
            WriteNotFound(id, $"in '{saved.Path}'", "cancel");
        }
    }

    private async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint, SavedUploads saved)
    {
        using HttpClient http = Connect(checkpoint.Url);
        BitsUploadClient client = CreateClient(http, new BitsUploadOptions { CheckpointStore = saved.Store }, PostWarning);
        return await client.CancelSessionAsync(checkpoint, new BitsJobOptions { Headers = Headers }).ConfigureAwait(false);
    }

    private void Cancel(BitsUpload upload, Func<Task<BitsCancelOutcome>> cancelAsync)
    {
        if (!ShouldProcess(upload.ToString(), "Cancel"))
        {
            return;
        }

        BitsCancelOutcome outcome = Wait(_ => cancelAsync());
        SavedUploads saved = this.SavedUploadsAt(upload.StatePath);
        if (outcome is BitsCancelOutcome.Unconfirmed && Wait(stop => saved.Store.LoadAsync(upload.Id, stop).AsTask()) is not null)
        {
            IOException error = new($"{upload}: the server did not confirm the cancel. The upload is still saved; try again later.");
            WriteError(new ErrorRecord(error, "CancelUnconfirmed", ErrorCategory.ConnectionError, upload.Id));
            return;
        }

        RunningUploads.Remove(upload.Id);
        if (WarningOf(outcome) is { } warning)
        {
            WriteWarning($"{upload}: {warning}");
        }
    }

    private static string? WarningOf(BitsCancelOutcome outcome) => outcome switch
    {
        BitsCancelOutcome.AlreadyCompleted => "the upload was already complete, and the file is on the server.",
        BitsCancelOutcome.ReplyCanceled => "the server had received the whole file; only its reply is canceled.",
        BitsCancelOutcome.Unconfirmed => "the session no longer exists, but the complete file may be on the server.",
        _ => null,
    };
}
