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
    public Guid[] Id { get; set; } = [];

    /// <summary>The folder where unfinished uploads are saved.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true), ValidateNotNullOrEmpty]
    public string? StatePath { get; set; }

    /// <summary>Gets the uploads of one input object.</summary>
    protected override void ProcessRecord() => Try(StatePath, () =>
    {
        SavedUploads saved = this.SavedUploadsAt(StatePath);
        IReadOnlyList<BitsStoredCheckpoint> entries = Wait(stop => saved.Store.ListAsync(stop).AsTask());
        List<BitsUpload> uploads = [.. RunningUploads.All.Where(upload => upload.StatePath == saved.Path)];
        HashSet<Guid> running = [.. uploads.Select(upload => upload.Id)];
        uploads.AddRange(
            from entry in entries
            where entry.Checkpoint is { } checkpoint && !running.Contains(checkpoint.Id)
            select new BitsUpload(entry.Checkpoint!, saved));
        WriteObject(uploads.Where(upload => Id.Length == 0 || Id.Contains(upload.Id)), enumerateCollection: true);
        foreach (Guid id in Id.Where(id => !uploads.Exists(upload => upload.Id == id)))
        {
            WriteError(Failure.NotFound(id, $"in '{saved.Path}'"));
        }

        foreach (BitsStoredCheckpoint entry in entries.Where(entry => entry.Error is not null && Id.Length == 0))
        {
            WriteError(Failure.Of(entry.Error!, entry.Location));
        }
    });
}
