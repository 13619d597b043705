using System.Collections.Concurrent;

namespace BitsClient.PowerShell.Uploads;

/// <summary>The asynchronous uploads of this session of PowerShell.</summary>
internal static class RunningUploads
{
    private static readonly ConcurrentDictionary<Guid, BitsUpload> Uploads = new();

    /// <summary>Those that are not done: running, suspended or failed.</summary>
    public static IEnumerable<BitsUpload> All => Uploads.Values.Where(upload => !IsDone(upload)).OrderBy(upload => upload.CreationTime);

    public static void Add(BitsUpload upload) => Uploads[upload.Id] = upload;

    /// <summary>Finds an upload that has not ended, or has failed.</summary>
    public static BitsUpload? Find(Guid id) => Uploads.TryGetValue(id, out BitsUpload? upload) && !IsDone(upload) ? upload : null;

    /// <summary>Finds an upload that is completed or canceled.</summary>
    public static BitsUpload? FindDone(Guid id) => Uploads.TryGetValue(id, out BitsUpload? upload) && IsDone(upload) ? upload : null;

    public static void Remove(Guid id) => Uploads.TryRemove(id, out _);

    private static bool IsDone(BitsUpload upload) => upload.State is BitsUploadStatus.Acknowledged or BitsUploadStatus.Canceled;
}
