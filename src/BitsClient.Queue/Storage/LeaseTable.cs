using System.Globalization;

namespace BitsClient.Queue.Storage;

/// <summary>
/// The statements of those who upload. Checkpoints, ends and what observers were told are written under the owner and the fence that the
/// entry was claimed with, so that they change nothing once another process has claimed it. Thread-safe.
/// </summary>
internal sealed class LeaseTable(QueueDatabase database, string owner)
{
    private const string Own = "id = @id AND owner = @owner AND fence = @fence";
    private const string HasSession = "CAST(@checkpoint AS text) IS NOT NULL";

    // What a caller has asked for meanwhile is not lost: a cancel wins over anything but the end, and a suspension over another run.
    private const string NewStatus =
        $"""
        CASE
            WHEN @status IN ('transferred', 'canceled') THEN @status
            WHEN wanted = 'cancel' THEN CASE WHEN {HasSession} THEN 'queued' ELSE 'canceled' END
            WHEN wanted = 'suspend' AND @status = 'queued' THEN 'suspended'
            WHEN wanted IS NULL AND @status = 'suspended' THEN 'queued'
            ELSE @status END
        """;

    private readonly string _end =
        $"""
        UPDATE bits_upload SET
            status = {NewStatus},
            ended = CASE WHEN {NewStatus} IN ('transferred', 'canceled', 'error') THEN {database.Now} END,
            wanted = CASE WHEN wanted = 'cancel' AND {NewStatus} = 'queued' THEN wanted END,
            due = {database.Now} + CASE WHEN wanted IS NULL OR wanted = CAST(@known AS text) THEN @delay ELSE 0 END,
            error = CAST(@error AS text),
            failures = @failures,
            failing_since = CASE WHEN @failures = 0 THEN NULL WHEN @progressed = 1 THEN {database.Now}
                ELSE COALESCE(failing_since, {database.Now}) END,
            outcome = CASE WHEN @status <> 'transferred' AND {NewStatus} = 'canceled'
                THEN COALESCE(CAST(@outcome AS text), 'NotStarted') END,
            checkpoint = CAST(@checkpoint AS text),
            bytes_acknowledged = @acknowledged,
            bytes_total = CAST(@total AS bigint),
            unobserved = CASE WHEN {NewStatus} IN ('transferred', 'error', 'suspended') THEN @observing ELSE 0 END,
            owner = CASE WHEN @observing = 1 THEN owner END,
            lease_until = CASE WHEN @observing = 1 THEN {database.Now} + @lease END
        WHERE {Own}
        RETURNING {QueueEntry.Columns}
        """;

    private readonly string _save =
        $"""
        UPDATE bits_upload SET checkpoint = @checkpoint, bytes_acknowledged = @acknowledged, bytes_total = @total
        WHERE {Own} AND status = 'running'
        """;

    private readonly string _claimUnobserved =
        $"""
        WITH next AS MATERIALIZED (
            SELECT seq FROM bits_upload
            WHERE unobserved = 1 AND status <> 'running' AND (lease_until IS NULL OR lease_until < {database.Now})
            ORDER BY seq LIMIT 16 {database.SkipLocked})
        UPDATE bits_upload SET owner = @owner, fence = fence + 1, lease_until = {database.Now} + @lease
        WHERE seq IN (SELECT seq FROM next)
        RETURNING {QueueEntry.Columns}
        """;

    private readonly string _refuse =
        $"""
        UPDATE bits_upload SET status = 'error', error = @error, ended = {database.Now}, owner = NULL, lease_until = NULL
        WHERE id = @id AND owner = @owner AND status = 'running'
        """;

    /// <summary>
    /// Claims the next uploads: of those that are due or whose lease has run out, the ones with the highest priority, and of these the ones
    /// that were enqueued first.
    /// </summary>
    /// <param name="limit">How many, at most.</param>
    /// <param name="running">
    /// The uploads that this process is at work on: they are not claimed, even if their leases have run out.
    /// </param>
    /// <param name="fullOrigins">Origins that have as many uploads as they may have.</param>
    /// <param name="lease">How long it belongs to this process.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<List<QueueEntry>> ClaimAsync(
        int limit, IReadOnlyCollection<Guid> running, IReadOnlyCollection<string> fullOrigins, TimeSpan lease,
        CancellationToken cancellationToken)
    {
        (string Names, (string, object?)[] Values) own = List("@own", running.Select(QueueTable.Text));
        (string Names, (string, object?)[] Values) full = List("@full", fullOrigins);
        string claim =
            $"""
            {database.InIndexOrder}WITH next AS MATERIALIZED (
                SELECT seq FROM bits_upload
                WHERE status IN ('queued', 'running')
                    AND (EXISTS (SELECT 1 FROM bits_upload WHERE status = 'queued' AND due <= {database.Now})
                        OR EXISTS (SELECT 1 FROM bits_upload WHERE status = 'running' AND lease_until < {database.Now}))
                    AND (status = 'queued' AND due <= {database.Now} OR status = 'running' AND lease_until < {database.Now})
                    {(own.Values.Length == 0 ? "" : $"AND id NOT IN ({own.Names})")}
                    {(full.Values.Length == 0 ? "" : $"AND origin NOT IN ({full.Names})")}
                ORDER BY priority DESC, seq LIMIT @limit {database.SkipLocked})
            UPDATE bits_upload SET status = 'running', owner = @owner, fence = fence + 1, tries = tries + 1,
                lease_until = {database.Now} + @lease, started = COALESCE(started, {database.Now})
            WHERE seq IN (SELECT seq FROM next)
            RETURNING {QueueEntry.Columns}
            """;
        Dictionary<string, string> unreadable = [];
        List<QueueEntry> claimed = await ReadAsync(
            claim, [("@limit", (long)limit), Lease(lease), .. own.Values, .. full.Values], unreadable, cancellationToken)
            .ConfigureAwait(false);
        foreach ((string id, string error) in unreadable)
        {
            // Otherwise it would be claimed again and again, and keep others from being uploaded.
            await ExecuteAsync(_refuse, [("@id", id), ("@error", error)], cancellationToken).ConfigureAwait(false);
        }

        return claimed;
    }

    /// <summary>Renews the leases of uploads, and returns those that still belong to this process.</summary>
    public Task<List<QueueEntry>> RenewAsync(IReadOnlyCollection<Guid> running, TimeSpan lease, CancellationToken cancellationToken)
    {
        // Not all rows of this owner: one that was claimed, and whose answer was lost, has to be claimed again.
        (string Names, (string, object?)[] Values) own = List("@own", running.Select(QueueTable.Text));
        string renew =
            $"""
            UPDATE bits_upload SET lease_until = {database.Now} + @lease
            WHERE owner = @owner AND status = 'running' AND id IN ({own.Names})
            RETURNING {QueueEntry.Columns}
            """;
        return ReadAsync(renew, [Lease(lease), .. own.Values], unreadable: null, cancellationToken);
    }

    /// <summary>Saves a checkpoint. False if the upload belongs to another process, or has ended.</summary>
    public Task<bool> SaveAsync(Guid id, long fence, BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken) =>
        ExecuteAsync(
            _save,
            [
                .. Of(id, fence), ("@checkpoint", checkpoint.ToJson()), ("@acknowledged", checkpoint.BytesAcknowledged),
                ("@total", checkpoint.BytesTotal),
            ],
            cancellationToken);

    /// <summary>Ends a run of an upload, and returns what has become of it. Null if it belongs to another process.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="fence">What it was claimed with.</param>
    /// <param name="ending">How it ended.</param>
    /// <param name="observing">How long this process may take to tell its observers; null if it has none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<QueueEntry?> EndAsync(
        Guid id, long fence, Ending ending, TimeSpan? observing, CancellationToken cancellationToken)
    {
        List<QueueEntry> ended = await ReadAsync(
            _end,
            [
                .. Of(id, fence), ("@status", ending.Status), ("@known", ending.KnownWish), ("@delay", Milliseconds(ending.Delay)),
                ("@error", ending.Error), ("@failures", ending.Failures), ("@progressed", ending.HasProgressed ? 1L : 0L),
                ("@outcome", ending.Outcome?.ToString()), ("@checkpoint", ending.Checkpoint),
                ("@acknowledged", ending.BytesAcknowledged), ("@total", ending.BytesTotal), ("@observing", observing is null ? 0L : 1L),
                Lease(observing ?? TimeSpan.Zero),
            ],
            unreadable: null, cancellationToken).ConfigureAwait(false);
        if (ended is [{ Upload.Status: BitsQueueStatus.Queued }])
        {
            await database.HintAsync(Hints.Work, cancellationToken).ConfigureAwait(false);
        }

        return ended is [var entry] ? entry : null;
    }

    /// <summary>Reads a row, whoever it belongs to.</summary>
    public async Task<QueueEntry?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await ReadAsync(
            $"SELECT {QueueEntry.Columns} FROM bits_upload WHERE id = @id", [("@id", QueueTable.Text(id))], unreadable: null,
            cancellationToken).ConfigureAwait(false) is [var entry] ? entry : null;

    /// <summary>Takes what observers were not told of, by a process that has ended since.</summary>
    public Task<List<QueueEntry>> ClaimUnobservedAsync(TimeSpan lease, CancellationToken cancellationToken) =>
        ReadAsync(_claimUnobserved, [Lease(lease)], unreadable: null, cancellationToken);

    /// <summary>The observers were told.</summary>
    public Task<bool> ObservedAsync(Guid id, long fence, CancellationToken cancellationToken) =>
        ExecuteAsync(
            $"UPDATE bits_upload SET unobserved = 0, owner = NULL, lease_until = NULL WHERE {Own} AND unobserved = 1", Of(id, fence),
            cancellationToken);

    /// <summary>Takes over what another process was uploading that has ended, whatever its lease says.</summary>
    public Task<bool> TakeOverAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("UPDATE bits_upload SET lease_until = 0 WHERE status = 'running' OR unobserved = 1", [], cancellationToken);

    private static (string Name, object? Value)[] Of(Guid id, long fence) => [("@id", QueueTable.Text(id)), ("@fence", fence)];

    private static (string Name, object? Value) Lease(TimeSpan lease) => ("@lease", Milliseconds(lease));

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static (string Names, (string, object?)[] Values) List(string prefix, IEnumerable<string> values)
    {
        (string Name, object? Value)[] parameters =
            [.. values.Select((value, index) => (string.Create(CultureInfo.InvariantCulture, $"{prefix}{index}"), (object?)value))];
        return (string.Join(", ", parameters.Select(parameter => parameter.Name)), parameters);
    }

    private Task<List<QueueEntry>> ReadAsync(
        string sql, (string Name, object? Value)[] parameters, Dictionary<string, string>? unreadable,
        CancellationToken cancellationToken) =>
        database.UseAsync(
            (connection, token) => QueueTable.ReadAsync(
                database.Command(connection, sql, [("@owner", owner), .. parameters]), token, unreadable),
            cancellationToken);

    private async Task<bool> ExecuteAsync(string sql, (string Name, object? Value)[] parameters, CancellationToken cancellationToken) =>
        await database.UseAsync(
            (connection, token) => database.ExecuteAsync(connection, sql, [("@owner", owner), .. parameters], token), cancellationToken)
            .ConfigureAwait(false) > 0;
}
