using System.Collections.Concurrent;

namespace BitsClient.PowerShell.Uploads;

/// <summary>
/// The asynchronous uploads of this session of PowerShell that are not done: running, suspended or failed.
/// </summary>
internal static class RunningUploads
{
    private static readonly ConcurrentDictionary<Guid, BitsUpload> Uploads = new();

    public static IEnumerable<BitsUpload> All => Uploads.Values.Where(upload => !IsDone(upload)).OrderBy(upload => upload.CreationTime);

    public static void Add(BitsUpload upload)
    {
        Uploads[upload.Id] = upload;
        _ = upload.Run!.Completion.ContinueWith(
            _ => RemoveIfDone(upload), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Finds an upload that has not ended, or has failed.</summary>
    public static BitsUpload? Find(Guid id) => Uploads.TryGetValue(id, out BitsUpload? upload) && !IsDone(upload) ? upload : null;

    public static void Remove(Guid id) => Uploads.TryRemove(id, out _);

    private static bool IsDone(BitsUpload upload) => upload.State is BitsUploadStatus.Acknowledged or BitsUploadStatus.Canceled;

    private static void RemoveIfDone(BitsUpload upload)
    {
        if (IsDone(upload))
        {
            ((ICollection<KeyValuePair<Guid, BitsUpload>>)Uploads).Remove(new KeyValuePair<Guid, BitsUpload>(upload.Id, upload));
        }
    }
}
