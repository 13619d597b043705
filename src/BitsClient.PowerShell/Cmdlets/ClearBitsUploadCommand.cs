using System.Management.Automation;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Forgets saved uploads without connecting to the server, for example because it no longer exists.</summary>
[Cmdlet(VerbsCommon.Clear, "BitsUpload", SupportsShouldProcess = true)]
public sealed class ClearBitsUploadCommand : BitsCommand
{
    /// <summary>The uploads, or their ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), UploadId]
    [Alias("JobId", "BitsJob")]
    public Guid[] Id { get; set; } = [];

    /// <summary>The folder where unfinished uploads are saved.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    /// <summary>Forgets the uploads of one input object.</summary>
    protected override void ProcessRecord()
    {
        foreach (Guid id in Id)
        {
            Try(id, () => ClearUpload(id));
        }
    }

    private void ClearUpload(Guid id)
    {
        if (Find(id, StatePath, "forget") is not { } found)
        {
            return;
        }

        if (found.Running is not null)
        {
            throw new BitsUploadLockedException(id, "this session of PowerShell");
        }

        if (ShouldProcess(found.Upload.ToString(), "Forget"))
        {
            if (found.Session is { } session)
            {
                Forget(session, found.Upload.Folder);
            }

            RunningUploads.Remove(found.Upload);
        }
    }

    private void Forget(BitsUploadCheckpoint checkpoint, SavedUploads saved)
    {
        // Nothing is sent.
        using HttpClient http = new();
        http.Timeout = Timeout.InfiniteTimeSpan;
        BitsUploadClient client = new(http, new BitsUploadOptions { CheckpointStore = saved.Store });
        IReadOnlyList<BitsOtherSession> left = Wait(stop => client.ForgetAsync(checkpoint, stop));
        if (left.Count > 0)
        {
            string servers = string.Join(", ", left.Select(session => session.Url.Authority).Distinct(StringComparer.Ordinal));
            WriteWarning($"{checkpoint.Id}: what the server {servers} has received stays there until its session expires.");
        }
    }
}
