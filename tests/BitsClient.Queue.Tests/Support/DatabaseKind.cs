namespace BitsClient.Queue.Tests.Support;

/// <summary>The databases that a test runs with.</summary>
public enum DatabaseKind
{
    Sqlite,
    PostgreSql,
}
