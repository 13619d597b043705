using System.Data.Common;
using Npgsql;

namespace BitsClient.Queue.Storage;

/// <summary>The queue in PostgreSQL: connections of the pool, row locks, and notifications as hints.</summary>
internal sealed class PostgreSqlDatabase(NpgsqlDataSource source) : QueueDatabase
{
    private const string Channel = "bits_upload";

    // On each page, so that a checkpoint and a lease are written without touching an index.
    private const string Room = " WITH (fillfactor = 70)";

    private readonly string _name = NameOf(source.ConnectionString);

    public override bool IsForOneWorker => false;

    public override string Now => "CAST(extract(epoch FROM now()) * 1000 AS bigint)";

    // A queue fills faster than the statistics are renewed; without them, PostgreSQL would sort all that waits for each claim.
    public override string InIndexOrder => "SELECT set_config('enable_sort', 'off', true); ";

    public override string SkipLocked => "FOR UPDATE SKIP LOCKED";

    protected override string Name => _name;

    // IF NOT EXISTS alone does not keep two sessions from creating the same table at once: one of them fails.
    protected override string Creation =>
        $"SELECT pg_advisory_xact_lock(hashtext('{Channel}')); "
        + Schema(sequence: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", Room);

    public override string HintAfter(string payload) => $"; {Notify(payload)}";

    // Whoever does not hear of it finds it with the next poll.
    public override async Task HintAsync(string payload, CancellationToken cancellationToken)
    {
        Task<int> notifying = UseAsync(
            (connection, token) => ExecuteAsync(connection, Notify(payload), [], token), cancellationToken);
        await ((Task)notifying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override async Task ListenAsync(Action<string> hinted, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            connection.Notification += (_, notification) => hinted(notification.Payload);
            await ExecuteAsync(connection, $"LISTEN {Channel}", [], cancellationToken).ConfigureAwait(false);
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

    protected override bool IsMissingTable(DbException error) => error.SqlState == PostgresErrorCodes.UndefinedTable;

    private static string Notify(string payload) => $"SELECT pg_notify('{Channel}', '{payload}')";

    private static string NameOf(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = new(connectionString);
        return $"the PostgreSQL database '{builder.Database ?? builder.Username ?? Environment.UserName}' on {builder.Host}";
    }

    private sealed class NoReservation : IDisposable
    {
        public static NoReservation Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
