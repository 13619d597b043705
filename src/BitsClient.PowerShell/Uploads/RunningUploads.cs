using System.Collections.Concurrent;

namespace BitsClient.PowerShell.Uploads;

/// <summary>The asynchronous uploads of this session of PowerShell.</summary>
internal static class RunningUploads
{
    // By each id that they had: an upload that fails before it has a session gets another id when it is resumed.
    private static readonly ConcurrentDictionary<Guid, BitsUpload> Uploads = new();

    /// <summary>Those that are not done: running, suspended or failed.</summary>
    public static IEnumerable<BitsUpload> All =>
        Uploads.Values.Distinct().Where(upload => !upload.IsDone).OrderBy(upload => upload.CreationTime);

    public static void Add(BitsUpload upload) => Uploads[upload.Id] = upload;

    /// <summary>Finds an upload that has not ended, or has failed.</summary>
    public static BitsUpload? Find(Guid id) => Uploads.TryGetValue(id, out BitsUpload? upload) && !upload.IsDone ? upload : null;

    /// <summary>Finds an upload that is completed or canceled.</summary>
    public static BitsUpload? FindDone(Guid id) => Uploads.TryGetValue(id, out BitsUpload? upload) && upload.IsDone ? upload : null;

    public static void Remove(BitsUpload upload)
    {
        foreach (Guid id in Uploads.Where(entry => entry.Value == upload).Select(entry => entry.Key))
        {
            Uploads.TryRemove(id, out _);
        }
    }
}
