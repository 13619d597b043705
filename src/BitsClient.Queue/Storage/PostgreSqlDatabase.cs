using System.Data.Common;
using Npgsql;

namespace BitsClient.Queue.Storage;

/// <summary>The queue in PostgreSQL: connections of the pool, row locks, and notifications as hints.</summary>
internal sealed class PostgreSqlDatabase(NpgsqlDataSource source) : QueueDatabase
{
    private const string Channel = "bits_upload";

    private readonly string _name = NameOf(source.ConnectionString);

    public override bool IsForOneWorker => false;

    public override string Now => "CAST(extract(epoch FROM now()) * 1000 AS bigint)";

    public override string SkipLocked => "FOR UPDATE SKIP LOCKED";

    protected override string Name => _name;

    protected override string SchemaFile => "postgresql.sql";

    public override string Hint(string payload) => $"; SELECT pg_notify('{Channel}', '{payload}')";

    public override async Task ListenAsync(Action<string> hinted, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, notification) => hinted(notification.Payload);
            DbCommand command = Command(connection, $"LISTEN {Channel}");
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            while (true)
            {
                await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override IDisposable TryTakeForWorker() => NoReservation.Instance;

    protected override async Task<T> WithConnectionAsync<T>(
        Func<DbConnection, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await use(connection, cancellationToken).ConfigureAwait(false);
        }
    }

    // IF NOT EXISTS alone does not keep two sessions from creating the same table at once: one of them fails.
    protected override async Task CreateAsync(DbConnection connection, string statements, CancellationToken cancellationToken)
    {
        DbTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            DbCommand command = Command(connection, $"SELECT pg_advisory_xact_lock(hashtext('{Channel}')); {statements}");
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    protected override bool IsMissingTable(DbException error) => error.SqlState == PostgresErrorCodes.UndefinedTable;

    private static string NameOf(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = new(connectionString);
        return $"the PostgreSQL database '{builder.Database ?? builder.Username}' on {builder.Host}";
    }

    private sealed class NoReservation : IDisposable
    {
        public static NoReservation Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
