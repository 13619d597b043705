using System.Data.Common;
using System.Reflection;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace BitsClient.Queue.Storage;

/// <summary>
/// The database, as far as SQLite and PostgreSQL differ. The statements of <see cref="QueueTable"/> and <see cref="LeaseTable"/> are the
/// same for both.
/// </summary>
internal abstract class QueueDatabase : IDisposable
{
    private const long SchemaVersion = 1;
    private static readonly TimeSpan MaxCommandTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _initializing = new(1);
    private volatile bool _isInitialized;

    /// <summary>Whether only one process at a time may upload from it, which <see cref="TryTakeForWorker"/> ensures.</summary>
    public abstract bool IsForOneWorker { get; }

    /// <summary>The database's clock, in milliseconds since 1970, as an expression.</summary>
    public abstract string Now { get; }

    /// <summary>
    /// What comes before a statement that reads rows in the order of an index, and needs only the first ones. It may return a result of one
    /// column.
    /// </summary>
    public abstract string InIndexOrder { get; }

    /// <summary>What follows a SELECT that skips the rows that others are changing.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>Which database it is, for messages; without a password.</summary>
    protected abstract string Name { get; }

    /// <summary>What follows a statement that other processes are told of; empty if there is no way to tell them.</summary>
    public abstract string HintAfter(string payload);

    /// <summary>Tells other processes, if there is a way.</summary>
    public abstract Task HintAsync(string payload, CancellationToken cancellationToken);

    /// <summary>
    /// Listens for hints until the token fires or the connection breaks. Completes at once if there is no way to listen.
    /// </summary>
    public abstract Task ListenAsync(Action<string> hinted, CancellationToken cancellationToken);

    /// <summary>Reserves the database for the uploads of this process. Null if another one has it.</summary>
    public abstract IDisposable? TryTakeForWorker();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the table, once.</summary>
    /// <exception cref="BitsQueueException">It was made by a newer version, or the database cannot be used.</exception>
    public async ValueTask InitializeAsync(CancellationToken cancellationToken)
    {
        if (_isInitialized)
        {
            return;
        }

        await _initializing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isInitialized)
            {
                await RunAsync(InitializeAsync, cancellationToken).ConfigureAwait(false);
                _isInitialized = true;
            }
        }
        finally
        {
            _initializing.Release();
        }
    }

    /// <summary>Uses a connection, once the table is there.</summary>
    /// <exception cref="BitsQueueException">The database cannot be used.</exception>
    public async Task<T> UseAsync<T>(Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        await InitializeAsync(cancellationToken).ConfigureAwait(false);
        return await RunAsync(use, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A command with parameters; null values become SQL's.</summary>
    public virtual DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        DbCommand command = CommandOf(connection, sql);
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Runs a statement that returns no rows, and says how many it has changed.</summary>
    public async Task<int> ExecuteAsync(
        DbConnection connection, string sql, (string Name, object? Value)[] parameters, CancellationToken cancellationToken,
        DbTransaction? transaction = null)
    {
        DbCommand command = Command(connection, sql, parameters);
        await using (command.ConfigureAwait(false))
        {
            command.Transaction = transaction;
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A command without parameters yet.</summary>
    protected virtual DbCommand CommandOf(DbConnection connection, string sql)
    {
        DbCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Each statement is a constant with the parts of this class; what callers say is a parameter.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    protected virtual void Dispose(bool disposing) => _initializing.Dispose();

    /// <summary>Opens a connection, or takes the one there is, and runs the function with it.</summary>
    protected abstract Task<T> WithConnectionAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken);

    /// <summary>Runs what has to come before the statements that make the table, outside of their transaction.</summary>
    protected virtual Task BeforeCreationAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The statements that make the table, for a transaction in which no other process makes it.</summary>
    protected abstract string Creation { get; }

    /// <summary>Whether an error says that the table of the schema's version is missing.</summary>
    protected abstract bool IsMissingTable(DbException error);

    /// <summary>The statements that make the table.</summary>
    protected static string Schema(string sequence, string room)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("schema.sql")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd()
            .Replace("{sequence}", sequence, StringComparison.Ordinal)
            .Replace("{room}", room, StringComparison.Ordinal);
    }

    private async Task<bool> InitializeAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        long? version = await VersionAsync(connection, cancellationToken).ConfigureAwait(false);
        if (version is null)
        {
            await CreateAsync(connection, cancellationToken).ConfigureAwait(false);
            version = await VersionAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        return version <= SchemaVersion
            ? true
            : throw new BitsQueueException(
                $"The queue in {Name} has a schema of version {version}, made by a newer version of BitsClient.Queue than this one, which "
                + $"knows {SchemaVersion}. Update BitsClient.Queue on this machine.");
    }

    private async Task CreateAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await BeforeCreationAsync(connection, cancellationToken).ConfigureAwait(false);
        DbTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, Creation, [], cancellationToken, transaction).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // A role that may not create tables can use those that are there.
    private async Task<long?> VersionAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            DbCommand command = Command(connection, "SELECT max(version) FROM bits_upload_schema");
            await using (command.ConfigureAwait(false))
            {
                return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long?;
            }
        }
        catch (DbException e) when (IsMissingTable(e))
        {
            return null;
        }
    }

    // A database that hangs is one that is away.
    private async Task<T> RunAsync<T>(Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(MaxCommandTime);
        try
        {
            return await WithConnectionAsync(use, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DbException or TimeoutException or IOException)
        {
            bool isTransient = e is not DbException error || error.IsTransient || IsBusy(error);
            throw new BitsQueueException($"The queue in {Name} cannot be used: {e.Message}", e, isTransient);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            string seconds = MaxCommandTime.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
            throw new BitsQueueException($"The queue in {Name} did not answer within {seconds} seconds.", e, isTransient: true);
        }
    }

    // A full disk and a locked file of SQLite, and a PostgreSQL that starts, ends or is full, may be over soon.
    private static bool IsBusy(DbException error) => error switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 10 or 13,
        PostgresException { SqlState: ['5', '3' or '7' or '8', ..] } => true,
        _ => false,
    };
}
