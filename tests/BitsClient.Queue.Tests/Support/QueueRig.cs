using System.Data.Common;
using BitsClient.DependencyInjection.Tests.Support;
using BitsClient.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BitsClient.Queue.Tests.Support;

/// <summary>A database, a server in memory, a file of ten fragments, and hosts that share them as machines would.</summary>
internal sealed class QueueRig : IAsyncDisposable
{
    public static readonly Uri Url = new("http://bits.test/upload/file.bin");

    private readonly DirectoryInfo _folder;
    private readonly List<IHost> _hosts = [];
    private readonly List<IHost> _started = [];

    private QueueRig(DirectoryInfo folder, DbDataSource source, BitsTestServerOptions? server)
    {
        _folder = folder;
        Source = source;
        Server = new BitsTestServer(server);
        FilePath = AddFile("file.bin", Bytes);
    }

    public static byte[] Bytes { get; } = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];

    public DbDataSource Source { get; }

    public BitsTestServer Server { get; }

    public string FilePath { get; }

    public string Folder => _folder.FullName;

    public LogLines Logs { get; } = new();

    public static async Task<QueueRig> CreateAsync(DatabaseKind kind, BitsTestServerOptions? server = null)
    {
        if (kind == DatabaseKind.Sqlite)
        {
            DirectoryInfo folder = CreateFolder();
            string file = Path.Combine(folder.FullName, "queue.db");
            return new QueueRig(folder, SqliteFactory.Instance.CreateDataSource($"Data Source={file};Pooling=False"), server);
        }

        if (PostgreSqlServer.Lack is { } lack)
        {
            Assert.Ignore(lack);
        }

        string schema = $"test_{Guid.NewGuid():N}";
        string connectionString = (await SharedServer.Server).ConnectionString;
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"CREATE SCHEMA {schema}", connection);
        await command.ExecuteNonQueryAsync();
        return new QueueRig(CreateFolder(), NpgsqlDataSource.Create($"{connectionString};Search Path={schema}"), server);
    }

    private static DirectoryInfo CreateFolder() => Directory.CreateTempSubdirectory("bitsclient-queue-");

    public string AddFile(string name, byte[] bytes)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>A machine with the queue; it is not started.</summary>
    public IHost Build(Action<BitsUploadQueueOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(Logs);
        builder.Services.AddBitsUploadClient(options =>
        {
            options.FixedFragmentSize = 1000;
            options.Retry.MaxRetries = 1;
            options.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
        }).ConfigurePrimaryHttpMessageHandler(Server.CreateHandler);
        builder.Services.AddBitsUploadQueue(options =>
        {
            options.DataSource = Source;
            options.PollInterval = TimeSpan.FromMilliseconds(50);
            configure?.Invoke(options);
        });
        services?.Invoke(builder.Services);
        IHost host = builder.Build();
        _hosts.Add(host);
        return host;
    }

    /// <summary>A machine that uploads.</summary>
    public async Task<IHost> StartAsync(Action<BitsUploadQueueOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        IHost host = Build(configure, services);
        await host.StartAsync();
        _started.Add(host);
        return host;
    }

    /// <summary>The queue of a machine that does not upload.</summary>
    public IBitsUploadQueue Queue(Action<IServiceCollection>? services = null) =>
        QueueOf(Build(options => options.MaxConcurrentUploads = 0, services));

    public static IBitsUploadQueue QueueOf(IHost host) => host.Services.GetRequiredService<IBitsUploadQueue>();

    public BitsUploadRequest Request(string? path = null, string name = "file.bin") =>
        new() { Path = path ?? FilePath, Url = new Uri(Url, name) };

    /// <summary>Runs a statement on the database, as an administrator would.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using DbConnection connection = await Source.OpenConnectionAsync();
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }

    /// <summary>The packets that arrived, as in "Create-Session, Fragment, Close-Session".</summary>
    public string Packets() => string.Join(", ", Server.Dialogue.Select(exchange => exchange.PacketType));

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _started)
        {
            await host.StopAsync();
        }

        _hosts.ForEach(host => host.Dispose());

        await Source.DisposeAsync();
        Server.Dispose();
        _folder.Delete(recursive: true);
    }
}
