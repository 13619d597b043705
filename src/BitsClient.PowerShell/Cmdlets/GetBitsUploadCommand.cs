using System.Management.Automation;
using BitsClient.PowerShell.Output;
using BitsClient.PowerShell.Uploads;

namespace BitsClient.PowerShell.Cmdlets;

/// <summary>Gets the uploads that this session of PowerShell runs, and those that are saved.</summary>
[Cmdlet(VerbsCommon.Get, "BitsUpload")]
[OutputType(typeof(BitsUpload))]
public sealed class GetBitsUploadCommand : BitsCommand
{
    /// <summary>The ids of the uploads; all if it is not specified.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true), UploadId]
    [Alias("JobId", "BitsJob")]
    public Guid[] Id { get; set; } = [];

    /// <summary>The folder where unfinished uploads are saved.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    /// <summary>Gets the uploads of one input object.</summary>
    protected override void ProcessRecord()
    {
        foreach (Guid id in Id)
        {
            Try(id, () => Write(id));
        }

        if (Id.Length == 0)
        {
            Try(StatePath, WriteAll);
        }
    }

    private void Write(Guid id)
    {
        if (Find(id, StatePath, "get") is { } found)
        {
            WriteObject(found.Upload);
        }
    }

    private void WriteAll()
    {
        SavedUploads saved = this.SavedUploadsAt(StatePath);
        IReadOnlyList<BitsStoredCheckpoint> entries = Wait(stop => saved.Store.ListAsync(stop).AsTask());
        HashSet<Guid> stored = [.. entries.Select(entry => entry.Checkpoint?.Id ?? Guid.Empty)];

        // What was saved and no longer is was ended by another run.
        List<BitsUpload> uploads =
        [
            .. RunningUploads.All.Where(upload =>
                upload.Folder.IsSameAs(saved) && (upload.Run is not { IsEnded: true, WasSaved: true } || stored.Contains(upload.Id))),
        ];
        HashSet<Guid> running = [.. uploads.Select(upload => upload.Id)];
        uploads.AddRange(
            from entry in entries
            where entry.Checkpoint is { } checkpoint && !running.Contains(checkpoint.Id)
            select new BitsUpload(entry.Checkpoint!, saved));
        WriteObject(uploads, enumerateCollection: true);

        // What an upload that is running saves for the first time is incomplete for an instant.
        foreach (BitsStoredCheckpoint entry in entries.Where(entry =>
            entry.Error is not null && !running.Any(id => Path.GetFileName(entry.Location).StartsWith($"{id}.", StringComparison.Ordinal))))
        {
            WriteError(Failure.Of(entry.Error!, entry.Location));
        }
    }
}
