using System.Diagnostics;
using System.Security.Cryptography;
using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Queue.Tests.Fleet;

/// <summary>A server on a port, a database, files, and a process that enqueues.</summary>
internal sealed class FleetRig : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-fleet-");
    private readonly Dictionary<string, byte[]> _hashes = [];
    private readonly BitsTestHost _host;
    private readonly IHost _enqueuing;

    private FleetRig(BitsTestServer server, BitsTestHost host, PostgreSqlServer? postgreSql)
    {
        Server = server;
        _host = host;
        PostgreSql = postgreSql;
        Database = postgreSql?.ConnectionString ?? Path.Combine(_folder.FullName, "queue.db");
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddBitsUploadQueue(queue =>
        {
            _ = postgreSql is null ? queue.UseSqlite(Database) : queue.UsePostgreSql(Database);
            queue.MaxConcurrentUploads = 0;
        });
        _enqueuing = builder.Build();
        Queue = _enqueuing.Services.GetRequiredService<IBitsUploadQueue>();
    }

    public BitsTestServer Server { get; }

    /// <summary>Null if the database is SQLite.</summary>
    public PostgreSqlServer? PostgreSql { get; }

    public string Database { get; }

    public IBitsUploadQueue Queue { get; }

    public Uri Url => new(_host.BaseAddress, "upload/");

    public static async Task<FleetRig> StartAsync(DatabaseKind kind, BitsServerDialect dialect = BitsServerDialect.McBup)
    {
        if (kind == DatabaseKind.PostgreSql && PostgreSqlServer.Lack is { } lack)
        {
            Assert.Ignore(lack);
        }

        BitsTestServer server = new(new BitsTestServerOptions { Dialect = dialect });
        return new FleetRig(
            server, await BitsTestHost.StartAsync(server),
            kind == DatabaseKind.PostgreSql ? await PostgreSqlServer.StartAsync() : null);
    }

    /// <summary>Enqueues a new file with random bytes.</summary>
    public async Task<Guid> EnqueueAsync(string name, int length)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(length);
        _hashes[name] = SHA256.HashData(bytes);
        string path = Path.Combine(_folder.FullName, name);
        await File.WriteAllBytesAsync(path, bytes);
        return await Queue.EnqueueAsync(new BitsUploadRequest { Path = path, Url = new Uri(Url, name) });
    }

    /// <summary>Enqueues new files with the names 0, 1, and so on.</summary>
    public async Task<List<Guid>> EnqueueAsync(int count, int length)
    {
        List<Guid> ids = [];
        for (int i = 0; i < count; i++)
        {
            ids.Add(await EnqueueAsync($"{i}", length));
        }

        return ids;
    }

    /// <summary>Waits until the server has seen so many packets and then a Cancel-Session, or the cancel has ended without one.</summary>
    /// <returns>Whether it has seen one.</returns>
    public async Task<bool> SeesCancelAsync(int packets, Task canceling)
    {
        while (true)
        {
            bool hasEnded = canceling.IsCompleted;
            if (Server.Dialogue.Skip(packets).Any(exchange => exchange.PacketType == BitsPacketNames.CancelSession))
            {
                return true;
            }

            if (hasEnded)
            {
                return false;
            }

            await Task.Delay(5);
        }
    }

    /// <summary>Waits until all have ended, and checks that the server has every file as it is.</summary>
    public async Task AssertArrivedAsync(IEnumerable<Guid> ids)
    {
        foreach (Guid id in ids)
        {
            BitsQueuedUpload upload = await Queue.WaitAsync(id);
            Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred), upload.Error);
        }

        foreach ((string name, byte[] hash) in _hashes)
        {
            Assert.That(SHA256.HashData(Server.GetFile($"/upload/{name}")), Is.EqualTo(hash), name);
        }
    }

    /// <summary>Waits until the server has seen so many packets.</summary>
    public async Task WhenPacketsAsync(int count)
    {
        Stopwatch since = Stopwatch.StartNew();
        while (Server.Dialogue.Count < count)
        {
            Assert.That(since.Elapsed, Is.LessThan(TimeSpan.FromSeconds(60)), "packets");
            await Task.Delay(5);
        }
    }

    /// <summary>Waits until this is so for every entry of the queue.</summary>
    public async Task WhenAllAsync(Func<BitsQueuedUpload, bool> isSo)
    {
        Stopwatch since = Stopwatch.StartNew();
        while (!(await Queue.ListAsync()).All(isSo))
        {
            Assert.That(since.Elapsed, Is.LessThan(TimeSpan.FromSeconds(60)), "entries");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _enqueuing.Dispose();
        await _host.DisposeAsync();
        Server.Dispose();
        PostgreSql?.Dispose();
        _folder.Delete(recursive: true);
    }
}
