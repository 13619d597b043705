using System.Data.Common;
using System.Net.Http.Headers;
using BitsClient.Queue;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples for the queue, on SQLite. The code between two markers also appears in a document, word for word.</summary>
public sealed class BackgroundExamples
{
    private BitsTestServer _server = null!;
    private TemporaryFile _file = null!;

    [SetUp]
    public void SetUp()
    {
        _server = new BitsTestServer();
        _file = new TemporaryFile(UploadRig.Bytes(100_000), "report.zip");
    }

    [TearDown]
    public void TearDown()
    {
        Assert.That(_server.OpenSessionCount, Is.Zero);
        _server.Dispose();
        _file.Dispose();
    }

    [Test]
    public async Task A_service_enqueues_and_the_host_uploads_and_tells_the_observer()
    {
        HostApplicationBuilder builder = CreateBuilder();

        // <queue>
        builder.Services.AddBitsUploadClient();
        builder.Services.AddBitsUploadQueue(queue => queue.UseSqlite("uploads.db"));
        // </queue>

        // <observe>
        builder.Services.AddSingleton<IBitsUploadQueueObserver, Deliveries>();
        // </observe>

        builder.Services.AddSingleton<Reports>();
        using IHost host = Build(builder);
        await host.StartAsync();
        Guid id = await host.Services.GetRequiredService<Reports>().SendAsync(_file.Path);
        BitsQueuedUpload upload = await host.Services.GetRequiredService<IBitsUploadQueue>().WaitAsync(id);
        await host.StopAsync();
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(_server.GetFile("/uploads/report.zip"), Is.EqualTo(UploadRig.Bytes(100_000)));
        Assert.That(File.Exists(_file.Path), Is.False, "the observer deletes it");
    }

    [Test]
    public async Task A_whole_program_enqueues_a_file_and_uploads_it()
    {
        string[] args = [_file.Path, "http://server/uploads/report.zip"];

        // <queue-program>
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddBitsUploadClient();
        builder.Services.AddBitsUploadQueue(queue => queue.UseSqlite("uploads.db"));
        using IHost host = builder.Build();
        await host.StartAsync();

        IBitsUploadQueue queue = host.Services.GetRequiredService<IBitsUploadQueue>();
        Guid id = await queue.EnqueueAsync(new BitsUploadRequest { Path = Path.GetFullPath(args[0]), Url = new Uri(args[1]) });
        BitsQueuedUpload upload = await queue.WaitAsync(id);
        Console.WriteLine($"{upload.Status}: {upload.BytesAcknowledged} bytes. {upload.Error}");
        await host.StopAsync();
        // </queue-program>

        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(_server.GetFile("/uploads/report.zip"), Is.EqualTo(UploadRig.Bytes(100_000)));
    }

    [Test]
    public void A_fleet_shares_a_database()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Configuration["ConnectionStrings:Uploads"] = "Host=db;Database=uploads;Username=uploader";

        // <fleet>
        builder.Services.AddBitsUploadQueue(queue =>
        {
            queue.UsePostgreSql(builder.Configuration.GetConnectionString("Uploads")!);
            queue.MaxConcurrentUploads = 8;    // on this machine
            queue.MaxConcurrentUploadsPerOrigin = 4;
        });
        // </fleet>

        using IHost host = builder.Build();
        Assert.That(host.Services.GetRequiredService<IBitsUploadQueue>(), Is.Not.Null);
    }

    [Test]
    public async Task An_upload_is_enqueued_in_the_callers_transaction_and_watched()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddBitsUploadClient();
        builder.Services.AddBitsUploadQueue();
        using IHost host = Build(builder);
        await host.StartAsync();
        IBitsUploadQueue queue = host.Services.GetRequiredService<IBitsUploadQueue>();
        await queue.InitializeAsync();
        (string path, Uri url) = (_file.Path, new Uri("http://server/uploads/report.zip"));
        await using SqliteConnection connection = new($"Data Source={Database};Pooling=False");
        await connection.OpenAsync();

        // <outbox>
        await using DbTransaction transaction = await connection.BeginTransactionAsync();
        // ... your own statements, in the same transaction ...
        Guid id = await queue.EnqueueAsync(new BitsUploadRequest { Path = path, Url = url }, transaction);
        await transaction.CommitAsync();
        // </outbox>

        // <watch>
        await foreach (BitsQueuedUpload upload in queue.WatchAsync(id))
        {
            Console.WriteLine($"{upload.Status}: {upload.BytesAcknowledged} of {upload.BytesTotal} bytes");
        }
        // </watch>

        await host.StopAsync();
        Assert.That(_server.HasFile("/uploads/report.zip"), Is.True);
    }

    [Test]
    public async Task A_provider_adds_a_token_and_a_health_check_looks_at_the_queue()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddBitsUploadClient();
        builder.Services.AddBitsUploadQueue();
        builder.Configuration["Tokens:sales"] = "sesame";

        // <provider>
        builder.Services.AddKeyedSingleton<IBitsHeaderProvider, TenantToken>("tenant");
        // </provider>

        // <queue-health>
        builder.Services.AddHealthChecks().AddBitsUploadQueue(maxWait: TimeSpan.FromMinutes(10));
        // </queue-health>

        using IHost host = Build(builder);
        await host.StartAsync();
        IBitsUploadQueue queue = host.Services.GetRequiredService<IBitsUploadQueue>();
        Guid id = await queue.EnqueueAsync(new BitsUploadRequest
        {
            Path = _file.Path,
            Url = new Uri("http://server/uploads/report.zip"),
            HeaderProvider = "tenant",
            DisplayName = "sales",
        });
        await queue.WaitAsync(id);
        HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        await host.StopAsync();
        Assert.That(_server.Dialogue.Select(exchange => exchange.RequestHeader("Authorization")), Is.All.EqualTo("Bearer sesame"));
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Healthy));
    }

    private string Database => Path.Combine(_file.Folder, "uploads.db");

    // What a program calls by this name.
    private ExampleHost Host => new(this);

    private static HostApplicationBuilder CreateBuilder()
    {
        HostApplicationBuilder builder =
            Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        return builder;
    }

    // The database of the sample would be in the folder that the tests run in.
    private IHost Build(HostApplicationBuilder builder)
    {
        UseServer(builder);
        return builder.Build();
    }

    private void UseServer(HostApplicationBuilder builder)
    {
        builder.Services.PostConfigure<HttpClientFactoryOptions>(
            "BitsClient",
            options => options.HttpMessageHandlerBuilderActions.Add(handler => handler.PrimaryHandler = _server.CreateHandler()));
        builder.Services.PostConfigure<BitsUploadQueueOptions>(
            options => options.DataSource = SqliteFactory.Instance.CreateDataSource($"Data Source={Database};Pooling=False"));
    }

    private sealed class ExampleHost(BackgroundExamples examples)
    {
        public HostApplicationBuilder CreateApplicationBuilder()
        {
            HostApplicationBuilder builder = CreateBuilder();
            examples.UseServer(builder);
            return builder;
        }
    }

    // <reports>
    public sealed class Reports(IBitsUploadQueue queue)
    {
        public Task<Guid> SendAsync(string path) =>
            queue.EnqueueAsync(new BitsUploadRequest { Path = path, Url = new Uri("http://server/uploads/report.zip") });
    }
    // </reports>

    // <observer>
    public sealed class Deliveries : IBitsUploadQueueObserver
    {
        public Task CompletedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken)
        {
            File.Delete(upload.Request.Path);    // does nothing if it is called again
            return Task.CompletedTask;
        }
    }
    // </observer>

    // <tenant>
    public sealed class TenantToken(IConfiguration tokens) : IBitsHeaderProvider
    {
        public ValueTask AddHeadersAsync(BitsQueuedUpload upload, BitsRequestContext request, CancellationToken cancellationToken)
        {
            request.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens[$"Tokens:{upload.Request.DisplayName}"]);
            return ValueTask.CompletedTask;
        }
    }
    // </tenant>
}
