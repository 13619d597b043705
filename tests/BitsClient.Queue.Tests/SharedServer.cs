using BitsClient.Queue.Tests.Support;

namespace BitsClient.Queue.Tests;

/// <summary>One PostgreSQL for the tests that do not stop it; each has a schema of its own.</summary>
[SetUpFixture]
public sealed class SharedServer
{
    private static Task<PostgreSqlServer>? _started;

    public static Task<PostgreSqlServer> Server => _started ?? throw new InvalidOperationException("There is no PostgreSQL.");

    [OneTimeSetUp]
    public void Begin() => _started = PostgreSqlServer.Lack is null ? PostgreSqlServer.StartAsync() : null;

    [OneTimeTearDown]
    public async Task End()
    {
        if (_started is not null)
        {
            (await _started).Dispose();
        }
    }
}
