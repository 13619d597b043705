using System.Data.Common;

namespace BitsClient.Queue.Storage;

/// <summary>A row of the table. Immutable.</summary>
internal sealed record QueueEntry
{
    /// <summary>The columns that <see cref="Read"/> reads, in its order.</summary>
    public const string Columns =
        "id, path, url, client, headers, priority, display_name, description, reply_path, trace_parent, status, wanted, due, tries, "
        + "failures, failing_since, error, owner, fence, checkpoint, bytes_acknowledged, bytes_total, outcome, enqueued, started, "
        + "ended, lease_until";

    public required BitsQueuedUpload Upload { get; init; }

    public required string? TraceParent { get; init; }

    /// <summary>What a caller has asked the machine that uploads for; see <see cref="Wanted"/>.</summary>
    public required string? Wanted { get; init; }

    public required long Fence { get; init; }

    /// <summary>How many failures there were since the last progress.</summary>
    public required long Failures { get; init; }

    /// <summary>The JSON of the checkpoint; null if no session is open.</summary>
    public required string? Checkpoint { get; init; }

    /// <summary>Since when it fails; null if it does not.</summary>
    public required DateTimeOffset? FailingSince { get; init; }

    /// <summary>When the lease ends, by the clock of the database; null if nobody has one.</summary>
    public required DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Reads a row.</summary>
    /// <exception cref="BitsQueueException">Somebody has written what this version does not understand.</exception>
    public static QueueEntry Read(DbDataReader row)
    {
        try
        {
            return ReadColumns(row);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidCastException)
        {
            throw new BitsQueueException($"The entry '{row.GetValue(0)}' of the queue cannot be read: {e.Message}", e);
        }
    }

    private static QueueEntry ReadColumns(DbDataReader row)
    {
        string? error = Text(row, 16);
        string? checkpoint = Text(row, 19);
        return new QueueEntry
        {
            Upload = new BitsQueuedUpload
            {
                Id = Guid.ParseExact(row.GetString(0), "D"),
                Request = ReadRequest(row),
                Status = StatusText.Parse(row.GetString(10), error is not null),
                EnqueuedAt = Time(row, 23)!.Value,
                DueAt = Time(row, 12)!.Value,
                StartedAt = Time(row, 24),
                EndedAt = Time(row, 25),
                Tries = row.GetInt64(13),
                Owner = Text(row, 17),
                BytesAcknowledged = row.GetInt64(20),
                BytesTotal = row.IsDBNull(21) ? null : row.GetInt64(21),
                HasOpenSession = checkpoint is not null,
                Error = error,
                IsCancelPending = Text(row, 11) == Storage.Wanted.Cancel,
                CancelOutcome = Text(row, 22) is { } outcome ? Enum.Parse<BitsCancelOutcome>(outcome) : null,
            },
            TraceParent = Text(row, 9),
            Wanted = Text(row, 11),
            Fence = row.GetInt64(18),
            Failures = row.GetInt64(14),
            FailingSince = Time(row, 15),
            Checkpoint = checkpoint,
            LeaseUntil = Time(row, 26),
        };
    }

    private static BitsUploadRequest ReadRequest(DbDataReader row) => new()
    {
        Path = row.GetString(1),
        Url = new Uri(row.GetString(2)),
        ClientName = row.GetString(3),
        HeaderProvider = Text(row, 4),
        Priority = (BitsUploadPriority)row.GetInt64(5),
        DisplayName = Text(row, 6),
        Description = Text(row, 7),
        ReplyPath = Text(row, 8),
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
