using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace BitsClient.Queue;

/// <summary>The settings of a queue. The database is the only one that has to be set.</summary>
public sealed class BitsUploadQueueOptions
{
    private const int PreparedStatements = 64;

    /// <summary>
    /// The database: an <see cref="NpgsqlDataSource"/>, or one of Microsoft.Data.Sqlite. It is not disposed. Default null: the one that is
    /// registered, with <see cref="DataSourceKey"/> if that is set.
    /// </summary>
    public DbDataSource? DataSource { get; set; }

    /// <summary>The key of the registered <see cref="DbDataSource"/>. Default null: the one without a key.</summary>
    public object? DataSourceKey { get; set; }

    /// <summary>
    /// How many uploads this process runs at a time. Default 4; 0 for a process that only enqueues and looks.
    /// </summary>
    public int MaxConcurrentUploads { get; set; } = 4;

    /// <summary>
    /// How many of them go to the same origin (scheme, host and port). Default null: as many as run; at least 1.
    /// </summary>
    public int? MaxConcurrentUploadsPerOrigin { get; set; }

    /// <summary>
    /// How long an upload belongs to a process that the database does not hear from. Another one takes it over then. The process itself
    /// stops after 80 % of it. Default 30 seconds; 1 second to 1 hour.
    /// </summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the process renews its leases, and asks what is to be canceled or suspended. Default 5 seconds; less than half of
    /// <see cref="Lease"/>.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often the process looks for new uploads. PostgreSQL announces them as well, so that they usually begin at once. Default 1
    /// second; more than zero, at most an hour.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long an upload waits after a failure that may pass and has outlived the client's own retries. Each further failure without
    /// progress doubles it, up to <see cref="MaxRetryDelay"/>. Default 10 seconds; more than zero.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait after a failure. Default 10 minutes; at least <see cref="RetryDelay"/>, at most a day.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long an upload is tried without any progress before it has failed for good. Default 14 days, as in Windows; more than zero.
    /// </summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Uses a SQLite database in a file, which is created if it is missing.</summary>
    /// <param name="path">The file, on a local disk. One process at a time uploads from it; others can enqueue and look.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public BitsUploadQueueOptions UseSqlite(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SqliteConnectionStringBuilder builder = new() { DataSource = Path.GetFullPath(path) };
        DataSource = SqliteFactory.Instance.CreateDataSource(builder.ConnectionString);
        return this;
    }

    /// <summary>Uses a PostgreSQL database.</summary>
    /// <param name="connectionString">The connection string of Npgsql, for example "Host=db;Database=uploads;Username=uploader".</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentException">It is not a connection string; the message says what is wrong.</exception>
    public BitsUploadQueueOptions UsePostgreSql(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlSlimDataSourceBuilder builder = new(connectionString);
        if (builder.ConnectionStringBuilder.MaxAutoPrepare == 0)
        {
            // Planning a statement takes longer than running it.
            builder.ConnectionStringBuilder.MaxAutoPrepare = PreparedStatements;
        }

        DataSource = builder.EnableTransportSecurity().Build();
        return this;
    }
}
