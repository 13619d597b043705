using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace BitsClient.Queue.Storage;

/// <summary>
/// The queue in a SQLite file: one connection, which one caller at a time uses, because SQLite lets one write at a time anyway. Its clock
/// is that of the machine, because no other machine uses the file.
/// </summary>
internal sealed class SqliteDatabase(DbDataSource source, string file, TimeProvider time) : QueueDatabase
{
    // Another process may be writing.
    private const int BusyMilliseconds = 5000;

    private readonly SemaphoreSlim _using = new(1);
    private DbConnection? _connection;

    public override bool IsForOneWorker => true;

    public override string Now => "@now";

    public override string SkipLocked => "";

    protected override string Name => $"the SQLite database '{file}'";

    protected override string SchemaFile => "sqlite.sql";

    public override string Hint(string payload) => "";

    public override Task ListenAsync(Action<string> hinted, CancellationToken cancellationToken) => Task.CompletedTask;

    // The system releases the lock of a process that is killed.
    public override IDisposable? TryTakeForWorker()
    {
        try
        {
            return new FileStream($"{file}-worker", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
    }

    public override DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        DbCommand command = base.Command(connection, sql, parameters);
        command.Parameters.Add(new SqliteParameter("@now", time.GetUtcNow().ToUnixTimeMilliseconds()));
        return command;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _connection?.Dispose();
        _using.Dispose();
    }

    protected override async Task<T> WithConnectionAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        await _using.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // SQLite reads and writes on the caller's thread.
            return await Task.Run(
                async () => await use(_connection ??= await OpenAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false),
                CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _using.Release();
        }
    }

    protected override async Task CreateAsync(DbConnection connection, string statements, CancellationToken cancellationToken)
    {
        // WAL cannot be turned on within a transaction; it stays on.
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL", cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"BEGIN IMMEDIATE; {statements} COMMIT", cancellationToken).ConfigureAwait(false);
    }

    protected override bool IsMissingTable(DbException error) => error is SqliteException { SqliteErrorCode: 1 };

    private async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        DbConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"PRAGMA synchronous = FULL; PRAGMA busy_timeout = {BusyMilliseconds}", cancellationToken)
            .ConfigureAwait(false);
        return connection;
    }

    private async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        DbCommand command = Command(connection, sql);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
