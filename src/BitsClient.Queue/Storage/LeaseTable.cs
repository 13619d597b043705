using System.Data.Common;
using System.Globalization;

namespace BitsClient.Queue.Storage;

/// <summary>
/// The statements of those who upload. Each write names the owner and the fence that the entry was claimed with, so that it changes
/// nothing once another process has claimed it. Thread-safe.
/// </summary>
internal sealed class LeaseTable(QueueDatabase database, string owner)
{
    private const string Own = "id = @id AND owner = @owner AND fence = @fence";

    // A cancel or a resumption that came meanwhile is not lost.
    private readonly string _end =
        $"""
        UPDATE bits_upload SET
            status = CASE
                WHEN wanted = 'cancel' AND @status IN ('suspended', 'error') AND CAST(@checkpoint AS text) IS NOT NULL THEN 'queued'
                WHEN @status = 'suspended' AND wanted IS NULL THEN 'queued'
                ELSE @status END,
            ended = CASE WHEN @status IN ('transferred', 'canceled')
                    OR @status = 'error' AND (wanted IS NULL OR wanted <> 'cancel' OR CAST(@checkpoint AS text) IS NULL)
                THEN {database.Now} END,
            wanted = CASE WHEN @status = 'queued' OR wanted = 'cancel' AND @status IN ('suspended', 'error') THEN wanted END,
            due = CASE WHEN @status = 'queued' AND wanted IS NULL THEN {database.Now} + @delay ELSE {database.Now} END,
            error = CAST(@error AS text),
            failures = @failures,
            failing_since = CASE WHEN @failures = 0 THEN NULL WHEN @failures = 1 THEN {database.Now} ELSE failing_since END,
            outcome = CAST(@outcome AS text),
            checkpoint = CAST(@checkpoint AS text),
            bytes_acknowledged = @acknowledged,
            bytes_total = CAST(@total AS bigint),
            unobserved = @unobserved,
            owner = CASE WHEN @unobserved = 1 THEN owner END,
            lease_until = CASE WHEN @unobserved = 1 THEN {database.Now} + @lease END
        WHERE {Own}
        """;

    private readonly string _renew =
        $"""
        UPDATE bits_upload SET lease_until = {database.Now} + @lease
        WHERE owner = @owner AND status = 'running'
        RETURNING {QueueEntry.Columns}
        """;

    private readonly string _save =
        $"""
        UPDATE bits_upload SET checkpoint = @checkpoint, bytes_acknowledged = @acknowledged, bytes_total = @total
        WHERE {Own}
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

    /// <summary>This process, as machine, process id and a random part.</summary>
    public string Owner => owner;

    /// <summary>
    /// Claims the next uploads: of those that are due or whose lease has run out, the ones with the highest priority, and of these the ones
    /// that were enqueued first.
    /// </summary>
    /// <param name="limit">How many, at most.</param>
    /// <param name="fullOrigins">Origins that have as many uploads as they may have.</param>
    /// <param name="lease">How long it belongs to this process.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task<List<QueueEntry>> ClaimAsync(
        int limit, IReadOnlyCollection<string> fullOrigins, TimeSpan lease, CancellationToken cancellationToken)
    {
        (string, object?)[] origins = [.. fullOrigins.Select(
            (origin, index) => (string.Create(CultureInfo.InvariantCulture, $"@full{index}"), (object?)origin))];
        string notFull = origins.Length == 0 ? "" : $"AND origin NOT IN ({string.Join(", ", origins.Select(full => full.Item1))})";
        string claim =
            $"""
            WITH next AS MATERIALIZED (
                SELECT seq FROM bits_upload
                WHERE ended IS NULL {notFull}
                    AND (status = 'queued' AND due <= {database.Now} OR status = 'running' AND lease_until < {database.Now})
                ORDER BY priority DESC, seq LIMIT @limit {database.SkipLocked})
            UPDATE bits_upload SET status = 'running', owner = @owner, fence = fence + 1, tries = tries + 1,
                lease_until = {database.Now} + @lease, started = COALESCE(started, {database.Now})
            WHERE seq IN (SELECT seq FROM next)
            RETURNING {QueueEntry.Columns}
            """;
        return database.UseAsync(
            (connection, token) => QueueTable.ReadAsync(
                database.Command(
                    connection, claim,
                    [("@owner", owner), ("@lease", Milliseconds(lease)), ("@limit", (long)limit), .. origins]),
                token),
            cancellationToken);
    }

    /// <summary>Renews the leases of all uploads of this process, and returns those.</summary>
    public Task<List<QueueEntry>> RenewAsync(TimeSpan lease, CancellationToken cancellationToken) =>
        database.UseAsync(
            (connection, token) => QueueTable.ReadAsync(
                database.Command(connection, _renew, ("@owner", owner), ("@lease", Milliseconds(lease))), token),
            cancellationToken);

    /// <summary>Saves a checkpoint. False if the upload belongs to another process.</summary>
    public Task<bool> SaveAsync(
        Guid id, long fence, BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken) =>
        ExecuteAsync(
            _save, id, fence, cancellationToken, ("@checkpoint", checkpoint.ToJson()), ("@acknowledged", checkpoint.BytesAcknowledged),
            ("@total", checkpoint.BytesTotal));

    /// <summary>Ends a run of an upload. False if the upload belongs to another process.</summary>
    /// <param name="id">The upload.</param>
    /// <param name="fence">What it was claimed with.</param>
    /// <param name="ending">How it ended.</param>
    /// <param name="observers">How long this process may take to tell its observers; null if nobody is told.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task<bool> EndAsync(Guid id, long fence, Ending ending, TimeSpan? observers, CancellationToken cancellationToken) =>
        ExecuteAsync(
            ending is { Status: StatusText.Queued, Delay.Ticks: 0 } ? _end + database.Hint(Hints.Work) : _end, id, fence,
            cancellationToken, ("@status", ending.Status), ("@delay", Milliseconds(ending.Delay)),
            ("@error", ending.Error), ("@failures", ending.Failures), ("@outcome", ending.Outcome?.ToString()),
            ("@checkpoint", ending.Checkpoint), ("@acknowledged", ending.BytesAcknowledged), ("@total", ending.BytesTotal),
            ("@unobserved", observers is null ? 0L : 1L), ("@lease", Milliseconds(observers ?? TimeSpan.Zero)));

    /// <summary>Takes what observers were not told of, by a process that has ended since.</summary>
    public Task<List<QueueEntry>> ClaimUnobservedAsync(TimeSpan lease, CancellationToken cancellationToken) =>
        database.UseAsync(
            (connection, token) => QueueTable.ReadAsync(
                database.Command(connection, _claimUnobserved, ("@owner", owner), ("@lease", Milliseconds(lease))), token),
            cancellationToken);

    /// <summary>The observers were told.</summary>
    public Task<bool> ObservedAsync(Guid id, long fence, CancellationToken cancellationToken) =>
        ExecuteAsync(
            $"UPDATE bits_upload SET unobserved = 0, owner = NULL, lease_until = NULL WHERE {Own} AND unobserved = 1", id, fence,
            cancellationToken);

    /// <summary>Takes over what another process was uploading that has ended, whatever its lease says.</summary>
    public Task<bool> TakeOverAsync(CancellationToken cancellationToken) =>
        database.UseAsync(
            async (connection, token) =>
            {
                DbCommand command = database.Command(
                    connection, "UPDATE bits_upload SET lease_until = 0 WHERE status = 'running' OR unobserved = 1");
                await using (command.ConfigureAwait(false))
                {
                    return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false) > 0;
                }
            },
            cancellationToken);

    private Task<bool> ExecuteAsync(
        string sql, Guid id, long fence, CancellationToken cancellationToken, params (string, object?)[] parameters) =>
        database.UseAsync(
            async (connection, token) =>
            {
                DbCommand command = database.Command(
                    connection, sql, [("@id", QueueTable.Text(id)), ("@owner", owner), ("@fence", fence), .. parameters]);
                await using (command.ConfigureAwait(false))
                {
                    return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false) == 1;
                }
            },
            cancellationToken);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
