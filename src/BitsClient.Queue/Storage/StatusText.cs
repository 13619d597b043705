namespace BitsClient.Queue.Storage;

/// <summary>How a status is written in the table.</summary>
internal static class StatusText
{
    public const string Queued = "queued";
    public const string Running = "running";
    public const string Suspended = "suspended";
    public const string Transferred = "transferred";
    public const string Error = "error";
    public const string Canceled = "canceled";

    /// <summary>What a row says; one that waits after a failure is queued as well.</summary>
    public static BitsQueueStatus Parse(string text, bool hasError) => text switch
    {
        Queued => hasError ? BitsQueueStatus.TransientError : BitsQueueStatus.Queued,
        Running => BitsQueueStatus.Transferring,
        Suspended => BitsQueueStatus.Suspended,
        Transferred => BitsQueueStatus.Transferred,
        Error => BitsQueueStatus.Error,
        Canceled => BitsQueueStatus.Canceled,
        _ => throw new BitsQueueException($"The queue has an entry with the status '{text}', which this version does not know."),
    };
}
