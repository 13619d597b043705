namespace BitsClient.Queue;

/// <summary>An entry of the queue, as it was when it was read. All times are by the clock of the database. Immutable.</summary>
public sealed record BitsQueuedUpload
{
    /// <summary>Identifies the entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>What was enqueued.</summary>
    public required BitsUploadRequest Request { get; init; }

    /// <summary>What has become of it.</summary>
    public required BitsQueueStatus Status { get; init; }

    /// <summary>When it was enqueued.</summary>
    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When it may begin, or continue after a failure.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When a machine first began with it; null if none has. Default null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was transferred, canceled, or failed for good; null if it has not ended. Default null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many times a machine has begun or continued it. Default 0.</summary>
    public long Tries { get; init; }

    /// <summary>The process that is uploading it, as machine, process id and a random part; null if none is. Default null.</summary>
    public string? Owner { get; init; }

    /// <summary>How many bytes the server has acknowledged, as far as this is known. Default 0.</summary>
    public long BytesAcknowledged { get; init; }

    /// <summary>The length of the file, in bytes; null before the upload has begun. Default null.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>Whether a session may be open on a server, which resuming continues and canceling ends. Default false.</summary>
    public bool HasOpenSession { get; init; }

    /// <summary>The last failure; null if there was none since the last progress. It shows no secret. Default null.</summary>
    public string? Error { get; init; }

    /// <summary>What a cancel did; null if it was not canceled. Default null.</summary>
    public BitsCancelOutcome? CancelOutcome { get; init; }

    /// <summary>
    /// Whether it was canceled, and a machine that uploads has yet to end its session. Default false.
    /// </summary>
    public bool IsCancelPending { get; init; }

    /// <summary>Whether nothing more happens to it by itself: it was transferred or canceled, or has failed for good.</summary>
    public bool IsEnded => Status is BitsQueueStatus.Transferred or BitsQueueStatus.Error or BitsQueueStatus.Canceled;
}
