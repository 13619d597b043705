using System.Data.Common;
using System.Diagnostics;

namespace BitsClient.Queue.Storage;

/// <summary>The statements of those who enqueue, look, suspend, resume, cancel and forget. Thread-safe.</summary>
internal sealed class QueueTable(QueueDatabase database)
{
    private const string Select = $"SELECT {QueueEntry.Columns} FROM bits_upload";

    private const int PurgedAtOnce = 1000;

    // A row is said to be due as soon as somebody looks, by the clock that is asked then.
    private readonly string _insert =
        $"""
        INSERT INTO bits_upload (
            id, path, url, origin, client, headers, priority, display_name, description, reply_path, trace_parent, due, enqueued)
        VALUES (
            @id, @path, @url, @origin, @client, @headers, @priority, @displayName, @description, @replyPath, @traceParent,
            COALESCE(CAST(@notBefore AS bigint), {database.Now}), {database.Now}){database.HintAfter(Hints.Work)}
        """;

    // Nobody has begun with it, so that there is no session to end.
    private readonly string _cancelIdle =
        $"""
        UPDATE bits_upload SET status = 'canceled', outcome = 'NotStarted', ended = {database.Now}, wanted = NULL, unobserved = 0
        WHERE id = @id AND status IN ('queued', 'suspended', 'error') AND checkpoint IS NULL
        """;

    private readonly string _cancelOpen =
        $"""
        UPDATE bits_upload SET wanted = 'cancel', ended = NULL, outcome = NULL, unobserved = 0,
            due = CASE WHEN status = 'running' THEN due ELSE {database.Now} END,
            status = CASE WHEN status = 'running' THEN status ELSE 'queued' END
        WHERE id = @id AND (wanted IS NULL OR wanted <> 'cancel')
            AND (status = 'running' OR checkpoint IS NOT NULL AND status <> 'transferred' AND (status <> 'canceled' OR @again = 1))
        """;

    private readonly string _suspend =
        """
        UPDATE bits_upload SET
            wanted = CASE WHEN status = 'running' THEN 'suspend' END,
            unobserved = CASE WHEN status = 'running' THEN unobserved ELSE 1 END,
            owner = CASE WHEN status = 'running' THEN owner END,
            lease_until = CASE WHEN status = 'running' THEN lease_until END,
            status = CASE WHEN status = 'running' THEN status ELSE 'suspended' END
        WHERE id = @id AND status IN ('queued', 'running') AND wanted IS NULL
        """;

    private readonly string _resume =
        $"""
        UPDATE bits_upload SET wanted = NULL,
            status = CASE WHEN status = 'running' THEN status ELSE 'queued' END,
            due = CASE WHEN status = 'running' THEN due ELSE {database.Now} END,
            owner = CASE WHEN status = 'running' THEN owner END,
            lease_until = CASE WHEN status = 'running' THEN lease_until END,
            ended = NULL, error = NULL, failures = 0, failing_since = NULL, unobserved = 0
        WHERE id = @id AND (status IN ('suspended', 'error') OR status = 'queued' AND error IS NOT NULL OR wanted = 'suspend')
            AND (wanted IS NULL OR wanted <> 'cancel')
        """;

    // Some at a time, so that the others need not wait for all of them.
    private readonly string _purge =
        $"""
        DELETE FROM bits_upload WHERE seq IN (
            SELECT seq FROM bits_upload
            WHERE ended <= {database.Now} - @age AND (checkpoint IS NULL OR status IN ('canceled', 'transferred')) AND unobserved = 0
            ORDER BY ended LIMIT {PurgedAtOnce})
        """;

    private readonly string _count =
        $"""
        SELECT status, CAST(CASE WHEN error IS NULL THEN 0 ELSE 1 END AS bigint), count(*), {database.Now} - min(due)
        FROM bits_upload WHERE status IN ('queued', 'running')
        GROUP BY 1, 2
        UNION ALL SELECT status, 1, count(*), 0 FROM bits_upload WHERE status IN ('suspended', 'error') GROUP BY 1
        """;

    public QueueDatabase Database => database;

    public Task<int> InsertAsync(NewEntry entry, CancellationToken cancellationToken) =>
        database.UseAsync((connection, token) => InsertAsync(entry, connection, transaction: null, token), cancellationToken);

    public Task<int> InsertAsync(
        NewEntry entry, DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        BitsUploadRequest request = entry.Request;
        return database.ExecuteAsync(
            connection, _insert,
            [
                ("@id", Text(entry.Id)), ("@path", request.Path), ("@url", request.Url.AbsoluteUri), ("@origin", OriginOf(request.Url)),
                ("@client", request.ClientName), ("@headers", request.HeaderProvider), ("@priority", (long)request.Priority),
                ("@displayName", request.DisplayName), ("@description", request.Description), ("@replyPath", request.ReplyPath),
                ("@traceParent", Activity.Current?.Id), ("@notBefore", request.NotBefore?.ToUnixTimeMilliseconds()),
            ],
            cancellationToken, transaction);
    }

    public async Task<BitsQueuedUpload?> GetAsync(Guid id, CancellationToken cancellationToken)
    {
        List<QueueEntry> found = await database.UseAsync(
            (connection, token) => ReadAsync(database.Command(connection, $"{Select} WHERE id = @id", ("@id", Text(id))), token),
            cancellationToken).ConfigureAwait(false);
        return found is [var entry] ? entry.Upload : null;
    }

    public async Task<IReadOnlyList<BitsQueuedUpload>> ListAsync(
        BitsQueueStatus? status, int limit, CancellationToken cancellationToken)
    {
        string where = status switch
        {
            null => "1 = 1",
            BitsQueueStatus.Queued => "status = 'queued' AND error IS NULL",
            BitsQueueStatus.Transferring => "status = 'running'",
            BitsQueueStatus.TransientError => "status = 'queued' AND error IS NOT NULL",
            BitsQueueStatus.Suspended => "status = 'suspended'",
            BitsQueueStatus.Transferred => "status = 'transferred'",
            BitsQueueStatus.Error => "status = 'error'",
            _ => "status = 'canceled'",
        };
        List<QueueEntry> found = await database.UseAsync(
            (connection, token) => ReadAsync(
                database.Command(connection, $"{Select} WHERE {where} ORDER BY seq LIMIT @limit", ("@limit", (long)limit)), token),
            cancellationToken).ConfigureAwait(false);
        return [.. found.Select(entry => entry.Upload)];
    }

    /// <summary>Cancels an entry that has no session. False if it has one, or may get one, or has ended.</summary>
    public async Task<bool> TryCancelIdleAsync(Guid id, CancellationToken cancellationToken) =>
        await ExecuteAsync(_cancelIdle, id, cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Asks for the end of the session, of whichever machine has the entry or takes it.</summary>
    /// <param name="id">The entry.</param>
    /// <param name="again">Also if it was canceled already.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False if this has no effect: it was asked for before, or there is no session to end.</returns>
    public Task<bool> RequestCancelAsync(Guid id, bool again, CancellationToken cancellationToken) =>
        RequestAsync(_cancelOpen, Hints.Wanted, id, cancellationToken, ("@again", again ? 1L : 0L));

    public Task SuspendAsync(Guid id, CancellationToken cancellationToken) =>
        RequestAsync(_suspend, Hints.Wanted, id, cancellationToken);

    public Task ResumeAsync(Guid id, CancellationToken cancellationToken) => RequestAsync(_resume, Hints.Work, id, cancellationToken);

    /// <summary>Deletes an entry that has ended, if no session is left to continue.</summary>
    public async Task<bool> TryForgetAsync(Guid id, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            "DELETE FROM bits_upload WHERE id = @id AND ended IS NOT NULL AND (checkpoint IS NULL OR status <> 'error')", id,
            cancellationToken).ConfigureAwait(false) == 1;

    public async Task<int> PurgeAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        int all = 0;
        int deleted;
        do
        {
            deleted = await database.UseAsync(
                (connection, token) => database.ExecuteAsync(connection, _purge, [("@age", (long)age.TotalMilliseconds)], token),
                cancellationToken).ConfigureAwait(false);
            all += deleted;
        }
        while (deleted == PurgedAtOnce);
        return all;
    }

    public Task<QueueStatistics> CountAsync(CancellationToken cancellationToken) =>
        database.UseAsync(
            async (connection, token) =>
            {
                Dictionary<BitsQueueStatus, long> counts = [];
                long oldest = 0;
                DbCommand command = database.Command(connection, _count);
                await using (command.ConfigureAwait(false))
                {
                    DbDataReader rows = await command.ExecuteReaderAsync(token).ConfigureAwait(false);
                    await using (rows.ConfigureAwait(false))
                    {
                        while (await rows.ReadAsync(token).ConfigureAwait(false))
                        {
                            string status = rows.GetString(0);
                            counts[StatusText.Parse(status, hasError: rows.GetInt64(1) == 1)] = rows.GetInt64(2);
                            oldest = status == StatusText.Queued ? Math.Max(oldest, rows.GetInt64(3)) : oldest;
                        }
                    }
                }

                return new QueueStatistics { Counts = counts, Oldest = TimeSpan.FromMilliseconds(oldest) };
            },
            cancellationToken);

    /// <summary>Runs a query and reads its rows.</summary>
    /// <param name="command">The query.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="unreadable">Receives the ids of the rows that cannot be read, and why. Default null: they are an exception.</param>
    public static async Task<List<QueueEntry>> ReadAsync(
        DbCommand command, CancellationToken cancellationToken, Dictionary<string, string>? unreadable = null)
    {
        List<QueueEntry> entries = [];
        await using (command.ConfigureAwait(false))
        {
            DbDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                while (rows.FieldCount == 1)
                {
                    // The result of a setting.
                    await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
                }

                while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    try
                    {
                        entries.Add(QueueEntry.Read(rows));
                    }
                    catch (BitsQueueException e) when (unreadable is not null)
                    {
                        unreadable.Add(rows.GetString(0), e.Message);
                    }
                }
            }
        }

        return entries;
    }

    public static string Text(Guid id) => id.ToString("D");

    public static string OriginOf(Uri url) => url.GetLeftPart(UriPartial.Authority);

    private Task<int> ExecuteAsync(
        string sql, Guid id, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        database.UseAsync(
            (connection, token) => database.ExecuteAsync(connection, sql, [("@id", Text(id)), .. parameters], token),
            cancellationToken);

    // Others are told only of what has changed.
    private async Task<bool> RequestAsync(
        string sql, string hint, Guid id, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        bool hasChanged = await ExecuteAsync(sql, id, cancellationToken, parameters).ConfigureAwait(false) > 0;
        if (hasChanged)
        {
            await database.HintAsync(hint, cancellationToken).ConfigureAwait(false);
        }

        return hasChanged;
    }
}
