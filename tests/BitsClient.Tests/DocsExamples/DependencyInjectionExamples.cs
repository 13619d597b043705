using BitsClient.DependencyInjection;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples for the generic host. The code between two markers also appears in a document, word for word.</summary>
public sealed class DependencyInjectionExamples
{
    private static readonly Uri Url = new("http://server/uploads/report.zip");

    private BitsTestServer _server = null!;
    private TemporaryFile _file = null!;

    [SetUp]
    public void SetUp()
    {
        _server = new BitsTestServer();
        _file = new TemporaryFile(UploadRig.Bytes(3_000_000), "report.zip");
    }

    [TearDown]
    public void TearDown()
    {
        Assert.That(_server.OpenSessionCount, Is.Zero);
        _server.Dispose();
        _file.Dispose();
    }

    [Test]
    public async Task A_service_uploads_with_the_registered_client()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Configuration["Bits:StallTimeout"] = "00:01:00";

        // <register>
        builder.Services.AddBitsUploadClient(builder.Configuration.GetSection("Bits"));
        builder.Services.AddSingleton<ReportUploader>();
        // </register>

        UseTestServer(builder.Services, "BitsClient");
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<ReportUploader>().UploadAsync(_file.Path, CancellationToken.None);
        await host.StopAsync();
        Assert.That(_server.GetFile("/uploads/report.zip"), Is.EqualTo(UploadRig.Bytes(3_000_000)));
    }

    [Test]
    public async Task Two_servers_have_two_clients()
    {
        HostApplicationBuilder builder = CreateBuilder();

        // <named>
        builder.Services.AddBitsUploadClient("reports", options => options.ComputeSha256 = true)
            .ConfigureHttpClient(http => http.DefaultRequestHeaders.Add("X-Department", "sales"));
        builder.Services.AddBitsUploadClient("archive", builder.Configuration.GetSection("Archive"));
        // </named>

        UseTestServer(builder.Services, "BitsClient:reports");
        using IHost host = builder.Build();
        await host.StartAsync();
        IBitsUploadClient client = host.Services.GetRequiredKeyedService<IBitsUploadClient>("reports");
        BitsUploadResult result = await client.UploadFileAsync(_file.Path, Url);
        await host.StopAsync();
        Assert.That(result.Sha256, Is.Not.Null);
        Assert.That(_server.Dialogue.Select(exchange => exchange.RequestHeader("X-Department")), Is.All.EqualTo("sales"));
    }

    [Test]
    public async Task A_worker_uploads_files_and_resumes_them_after_a_restart()
    {
        string folder = Path.Combine(_file.Folder, "uploads");
        HostApplicationBuilder builder = CreateBuilder();

        // <worker>
        builder.Services.AddSingleton<IBitsCheckpointStore>(new BitsFileCheckpointStore(folder));
        builder.Services.AddBitsUploadClient();
        builder.Services.AddBitsUploadWorker(options => options.MaxConcurrentUploads = 4);
        // </worker>

        UseTestServer(builder.Services, "BitsClient");
        using IHost host = builder.Build();
        await host.StartAsync();
        (BitsUploadWorker worker, string path, Uri url) = (host.Services.GetRequiredService<BitsUploadWorker>(), _file.Path, Url);

        // <enqueue>
        Task<BitsUploadResult> uploading = worker.EnqueueAsync(path, url);    // you need not await it
        // </enqueue>

        await uploading;
        await host.StopAsync();
        Assert.That(_server.HasFile("/uploads/report.zip"), Is.True);
    }

    [Test]
    public void A_health_check_pings_the_server()
    {
        HostApplicationBuilder builder = CreateBuilder();
        builder.Services.AddBitsUploadClient();

        // <health>
        builder.Services.AddHealthChecks().AddBitsServer(new Uri("http://server/uploads/report.zip"));
        // </health>

        using IHost host = builder.Build();
        Assert.That(host.Services.GetRequiredService<IBitsUploadClient>(), Is.Not.Null);
    }

    private static HostApplicationBuilder CreateBuilder()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        return builder;
    }

    private void UseTestServer(IServiceCollection services, string name) =>
        services.AddHttpClient(name).ConfigurePrimaryHttpMessageHandler(_server.CreateHandler);

    // <service>
    public sealed class ReportUploader(IBitsUploadClient client)
    {
        public Task UploadAsync(string path, CancellationToken cancellationToken) =>
            client.UploadFileAsync(path, new Uri("http://server/uploads/report.zip"), cancellationToken: cancellationToken);
    }
    // </service>
}
