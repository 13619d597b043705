using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace BitsClient.Queue.Tests.Support;

/// <summary>A SQLite database whose pages are limited to those it has, as on a full disk.</summary>
internal sealed class FullDisk(string connectionString) : DbDataSource
{
    public bool IsFull { get; set; } = true;

    public override string ConnectionString => connectionString;

    protected override DbConnection CreateDbConnection() => new SqliteConnection(connectionString);

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        SqliteConnection connection = new(connectionString);
        await connection.OpenAsync(cancellationToken);
        if (IsFull)
        {
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA max_page_count = 1";
            await command.ExecuteScalarAsync(cancellationToken);
        }

        return connection;
    }
}
