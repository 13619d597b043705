using BitsClient.DependencyInjection.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Tests;

/// <summary>What AddBitsUploadClient registers.</summary>
public sealed class RegistrationTests
{
    private static readonly byte[] File = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];

    private BitsTestServer _server = null!;

    [SetUp]
    public void StartServer() => _server = new BitsTestServer();

    [TearDown]
    public void StopServer() => _server.Dispose();

    [Test]
    public async Task The_default_client_is_a_singleton_that_uploads_with_its_options()
    {
        using IHost host = TestHost.Build(
            services => services.AddBitsUploadClient(options => options.FixedFragmentSize = 1000).To(_server));
        IBitsUploadClient client = host.Services.GetRequiredService<IBitsUploadClient>();

        BitsUploadResult result = await client.UploadAsync(BitsUploadSource.FromMemory(File), TestHost.Url);

        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(File));
        Assert.That(result.Fragments, Is.EqualTo(10));
        Assert.That(host.Services.GetRequiredService<IBitsUploadClient>(), Is.SameAs(client));
        _server.AssertNoViolations();
    }

    [Test]
    public async Task Named_clients_have_their_own_options_and_handlers()
    {
        using BitsTestServer reports = new();
        using IHost host = TestHost.Build(services =>
        {
            services.AddBitsUploadClient().To(_server);
            services.AddBitsUploadClient("reports", options => options.FixedFragmentSize = 5000).To(reports);
        });
        IBitsUploadClient client = host.Services.GetRequiredKeyedService<IBitsUploadClient>("reports");

        BitsUploadResult result = await client.UploadAsync(BitsUploadSource.FromMemory(File), TestHost.Url);

        Assert.That(result.Fragments, Is.EqualTo(2));
        Assert.That(reports.HasFile("/upload/file.bin"), Is.True);
        Assert.That(_server.Sessions, Is.Empty);
        Assert.That(host.Services.GetRequiredService<IBitsUploadClient>(), Is.Not.SameAs(client));
    }

    [Test]
    public void A_name_is_registered_once()
    {
        ServiceCollection services = new();
        services.AddBitsUploadClient();
        services.AddBitsUploadClient("reports");
        Assert.That(
            () => services.AddBitsUploadClient(),
            Throws.InvalidOperationException.With.Message.Contains("default").And.Message.Contains("name"));
        Assert.That(
            () => services.AddBitsUploadClient("reports"), Throws.InvalidOperationException.With.Message.Contains("'reports'"));
    }

    [Test]
    public void The_http_client_has_no_timeout_follows_no_redirects_and_renews_its_connections()
    {
        HttpMessageHandler? primary = null;
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient()
            .ConfigurePrimaryHttpMessageHandler((handler, _) => primary = handler));
        using HttpClient http = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("BitsClient");
        HttpClientFactoryOptions options = host.Services.GetRequiredService<IOptionsMonitor<HttpClientFactoryOptions>>().Get("BitsClient");

        Assert.That(http.Timeout, Is.EqualTo(Timeout.InfiniteTimeSpan));
        Assert.That(options.HandlerLifetime, Is.EqualTo(Timeout.InfiniteTimeSpan));
        Assert.That(
            primary, Is.TypeOf<SocketsHttpHandler>().With.Property("AllowAutoRedirect").False.And.Property("UseCookies").True
                .And.Property("PooledConnectionLifetime").EqualTo(TimeSpan.FromHours(1)));
    }

    [Test]
    public async Task Handlers_of_the_application_are_used()
    {
        KeyHandler handler = new();
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient().To(_server).AddHttpMessageHandler(() => handler));
        await host.Services.GetRequiredService<IBitsUploadClient>().UploadAsync(BitsUploadSource.FromMemory(File), TestHost.Url);
        Assert.That(_server.Dialogue.Select(exchange => exchange.RequestHeader("X-Key")), Is.All.EqualTo("k"));
    }

    [Test]
    public async Task Checkpoints_are_saved_in_the_store_of_the_same_name_or_in_the_one_without_a_name()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-di-");
        BitsFileCheckpointStore common = new(Path.Combine(folder.FullName, "common"));
        BitsFileCheckpointStore own = new(Path.Combine(folder.FullName, "own"));
        using IHost host = TestHost.Build(services =>
        {
            services.AddSingleton<IBitsCheckpointStore>(common);
            services.AddKeyedSingleton<IBitsCheckpointStore>("reports", own);
            services.AddBitsUploadClient().To(_server);
            services.AddBitsUploadClient("reports").To(_server);
        });
        foreach (string name in new[] { "", "reports" })
        {
            _server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(403));
            IBitsUploadClient client = host.Services.GetRequiredKeyedService<IBitsUploadClient>(name);
            Assert.That(
                () => client.UploadAsync(BitsUploadSource.FromMemory(File), TestHost.Url), Throws.TypeOf<BitsServerException>());
        }

        Assert.That(await common.ListAsync(), Has.Count.EqualTo(1));
        Assert.That(await own.ListAsync(), Has.Count.EqualTo(1));
        folder.Delete(recursive: true);
    }

    [Test]
    public void Options_out_of_range_fail_the_start_with_all_faults_in_one_message()
    {
        using IHost host = TestHost.Build(services => services.AddBitsUploadClient("reports", options =>
        {
            options.MinFragmentSize = 0;
            options.StallTimeout = TimeSpan.Zero;
        }));
        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>()
                .With.Message.Contains("MinFragmentSize is 0").And.Message.Contains("StallTimeout is "));
    }

    private sealed class KeyHandler : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("X-Key", "k");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
