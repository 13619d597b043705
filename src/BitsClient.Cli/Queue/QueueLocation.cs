using System.Data.Common;
using BitsClient.Queue;

namespace BitsClient.Cli.Queue;

/// <summary>The database of a queue, as the user specified it (--db).</summary>
/// <param name="Source">The database.</param>
/// <param name="File">The file of a SQLite database; null for PostgreSQL.</param>
internal sealed record QueueLocation(DbDataSource Source, string? File)
{
    /// <summary>The option that names it.</summary>
    public const string OptionName = "--db";

    /// <summary>The environment variable for it; other users could read a password on the command line.</summary>
    public const string Variable = "BITSCLIENT_QUEUE";

    private const string HostKey = "Host";
    private static readonly string[] PasswordKeys = ["Password", "Pwd", "Psw"];

    /// <summary>Reads the name of a file, or a connection string of PostgreSQL, which has a host.</summary>
    /// <exception cref="FormatException">It is neither; the message does not show it.</exception>
    /// <exception cref="ArgumentException">It is a connection string that is not valid; the message does not show its values.</exception>
    public static QueueLocation Parse(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
        {
            throw new FormatException("it must be a file or a connection string, not a URL");
        }

        if (Settings(text) is not { } settings)
        {
            return new QueueLocation(new BitsUploadQueueOptions().UseSqlite(text).DataSource!, text);
        }

        return settings.ContainsKey(HostKey)
            ? new QueueLocation(new BitsUploadQueueOptions().UsePostgreSql(text).DataSource!, null)
            : throw new FormatException(
                "a connection string of PostgreSQL has a host, for example \"Host=db;Database=uploads;Username=uploader\"");
    }

    /// <summary>Whether a text is a connection string with a password.</summary>
    public static bool HasPassword(string text) => Settings(text) is { } settings && PasswordKeys.Any(settings.ContainsKey);

    // Null if the text is a file: a name with '=' is one only if there is such a file.
    private static DbConnectionStringBuilder? Settings(string text)
    {
        if (!text.Contains('=') || System.IO.File.Exists(text))
        {
            return null;
        }

        return new DbConnectionStringBuilder { ConnectionString = text };
    }
}
