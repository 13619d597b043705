using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace BitsClient.Queue.Storage;

/// <summary>
/// The queue in a SQLite file: one connection, which one caller at a time uses, because SQLite lets one write at a time anyway. Its clock
/// is that of the machine, because no other machine uses the file.
/// </summary>
internal sealed class SqliteDatabase(DbDataSource source, string file, TimeProvider time) : QueueDatabase
{
    // Another process may be writing. The provider asks again for as long, too.
    private const int BusySeconds = 5;

    private const int Busy = 5;

    // The statements differ only in how many uploads run.
    private const int MaxPrepared = 64;

    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;

    private readonly SemaphoreSlim _using = new(1);
    private readonly Dictionary<string, PreparedCommand> _prepared = new(StringComparer.Ordinal);
    private DbConnection? _connection;
    private volatile bool _isDisposed;

    public override bool IsForOneWorker => true;

    public override string Now => "@now";

    public override string InIndexOrder => "";

    public override string SkipLocked => "";

    protected override string Name => $"the SQLite database '{file}'";

    // A transaction of SQLite begins with the lock for writing.
    protected override string Creation => Schema(sequence: "INTEGER PRIMARY KEY AUTOINCREMENT", room: "");

    public override string HintAfter(string payload) => "";

    public override Task HintAsync(string payload, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task ListenAsync(Action<string> hinted, CancellationToken cancellationToken) => Task.CompletedTask;

    // The system releases the lock of a process that is killed.
    public override IDisposable? TryTakeForWorker()
    {
        try
        {
            // Two names of one file have one lock.
            FileInfo named = new(file);
            string real = named.LinkTarget is null ? file : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            return new FileStream($"{real}-worker", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult is SharingViolation or WouldBlockOnLinux or WouldBlockOnMac)
        {
            return null;
        }
    }

    public override DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        DbCommand command = base.Command(connection, sql, parameters);
        command.CommandTimeout = BusySeconds;
        command.Parameters.Add(new SqliteParameter("@now", time.GetUtcNow().ToUnixTimeMilliseconds()));
        return command;
    }

    // To read a statement takes SQLite longer than to run it.
    protected override DbCommand CommandOf(DbConnection connection, string sql)
    {
        if (connection != _connection)
        {
            return base.CommandOf(connection, sql);
        }

        if (!_prepared.TryGetValue(sql, out PreparedCommand? command))
        {
            if (_prepared.Count == MaxPrepared)
            {
                ForgetPrepared();
            }

            command = new PreparedCommand(sql, (SqliteConnection)connection);
            _prepared.Add(sql, command);
        }

        command.Parameters.Clear();
        return command;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _isDisposed = true;

        // Whoever uses the connection at this moment closes it.
        if (_using.Wait(TimeSpan.Zero))
        {
            Close();
            _using.Dispose();
        }
    }

    protected override async Task<T> WithConnectionAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        await _using.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);

            // SQLite reads and writes on the caller's thread.
            return await Task.Run(
                async () => await use(_connection ??= await OpenAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is not Busy)
        {
            // It may be broken.
            Close();
            throw;
        }
        finally
        {
            if (_isDisposed)
            {
                Close();
            }

            _using.Release();
        }
    }

    // WAL cannot be turned on within a transaction; it stays on.
    protected override Task BeforeCreationAsync(DbConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, "PRAGMA journal_mode = WAL", [], cancellationToken);

    protected override bool IsMissingTable(DbException error) => error is SqliteException { SqliteErrorCode: 1 };

    private async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        DbConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(
                connection, $"PRAGMA synchronous = FULL; PRAGMA busy_timeout = {BusySeconds * 1000}", [], cancellationToken)
                .ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Close()
    {
        ForgetPrepared();
        _connection?.Dispose();
        _connection = null;
    }

    private void ForgetPrepared()
    {
        foreach (PreparedCommand command in _prepared.Values)
        {
            command.Forget();
        }

        _prepared.Clear();
    }

    /// <summary>A command that is used again after whoever used it has disposed it.</summary>
    private sealed class PreparedCommand(string sql, SqliteConnection connection) : SqliteCommand(sql, connection)
    {
        public void Forget() => base.Dispose(disposing: true);

#pragma warning disable CA2215 // Only when it is forgotten.
        protected override void Dispose(bool disposing)
        {
        }
#pragma warning restore CA2215
    }
}
