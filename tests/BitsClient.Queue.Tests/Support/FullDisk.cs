using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace BitsClient.Queue.Tests.Support;

/// <summary>A SQLite database whose pages are limited to those it has, as on a full disk.</summary>
internal sealed class FullDisk(string connectionString) : DbDataSource
{
    private SqliteConnection? _opened;

    public override string ConnectionString => connectionString;

    public async Task FreeAsync()
    {
        await using SqliteCommand command = _opened!.CreateCommand();
        command.CommandText = "PRAGMA max_page_count = 1000000";
        await command.ExecuteScalarAsync();
    }

    protected override DbConnection CreateDbConnection() => new SqliteConnection(connectionString);

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        _opened = new SqliteConnection(connectionString);
        await _opened.OpenAsync(cancellationToken);
        await using SqliteCommand command = _opened.CreateCommand();
        command.CommandText = "PRAGMA max_page_count = 1";
        await command.ExecuteScalarAsync(cancellationToken);
        return _opened;
    }
}
