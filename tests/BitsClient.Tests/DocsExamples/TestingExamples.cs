using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples that use the test server. The code between two markers also appears in a document, word for word.</summary>
public sealed class TestingExamples
{
    private readonly byte[] _file = [.. Enumerable.Range(0, 3000).Select(i => (byte)i)];
    private readonly BitsUploadOptions _options = new() { FixedFragmentSize = 1000 };

    // <test>
    [Test]
    public async Task The_report_arrives()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        BitsUploadClient client = new(http);

        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(_file), new Uri("http://any.name/reports/a.zip"));
        await job.RunAsync();

        Assert.That(server.GetFile("/reports/a.zip"), Is.EqualTo(_file));
        Assert.That(server.OpenSessionCount, Is.Zero);
        server.AssertNoViolations();
    }
    // </test>

    [Test]
    public async Task Over_a_socket()
    {
        // <host>
        using BitsTestServer server = new(new BitsTestServerOptions { Dialect = BitsServerDialect.Win32 });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = new();
        await new BitsUploadClient(http).PingAsync(new Uri(host.BaseAddress, "reports/a.zip"));
        // </host>

        Assert.That(server.Dialogue.Single().PacketType, Is.EqualTo("Ping"));
    }

    [Test]
    public async Task With_a_gate()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        await using IBitsUploadJob job = CreateJob(http);
        using CancellationTokenSource cancel = new();

        // <gate>
        BitsGate gate = server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);

        // Both fragments are stored, but the second one has not been acknowledged yet: this is the moment to test.
        await cancel.CancelAsync();
        Assert.That(async () => await running, Throws.TypeOf<BitsUploadCanceledException>());
        // </gate>

        Assert.That(server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Canceled));
    }

    [Test]
    public async Task With_a_gate_that_is_not_reached()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        await using IBitsUploadJob job = CreateJob(http);
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        BitsGate gate = server.HoldAck(BitsPacketNames.Fragment, occurrence: 3);
        Task<BitsUploadResult> running = job.RunAsync();
        BitsTestServerException missed = Assert.ThrowsAsync<BitsTestServerException>(() => gate.ReachedByAsync(running))!;
        Assert.That(missed.InnerException, Is.TypeOf<BitsServerException>());
        Assert.That(gate.Reached.IsCompleted, Is.False);
    }

    [Test]
    public async Task With_faults()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        await using IBitsUploadJob job = CreateJob(http);

        // <fault>
        server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(300), occurrence: 2);
        server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(403) { ErrorCode = "0x80070005", ErrorContext = "0x5" });

        BitsServerException refused = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(refused.ErrorName, Is.EqualTo("E_ACCESSDENIED"));
        // </fault>

        // <dialogue>
        foreach (BitsExchange exchange in server.Dialogue)
        {
            Console.WriteLine($"{exchange} {exchange.RequestHeader("Content-Range")}");
        }
        // </dialogue>

        Assert.That(server.Dialogue.Select(exchange => exchange.RequestHeader("Content-Range")).OfType<string>(), Is.EqualTo(new[]
        {
            "bytes 0-999/3000",
            "bytes 1000-1999/3000",
            "bytes 1300-2299/3000",
            "bytes 2300-2999/3000",
        }));
    }

    [Test]
    public async Task With_a_server_that_differs_from_the_documents()
    {
        // <kind>
        using BitsTestServer server = new(new BitsTestServerOptions
        {
            AppendsAndEchoes = true,
            BindsSessionsToConnections = true,
            UnknownSessionStatus = 404,
            Date = () => DateTimeOffset.UtcNow.AddHours(-2),
        });
        server.InjectEvery(BitsPacketNames.Ping, new BitsFault.Answer(501) { Ack = false });
        server.Inject(BitsPacketNames.Fragment, new BitsFault.CloseGracefully { AfterHandling = true }, occurrence: 2);
        // </kind>

        using HttpClient http = new(server.CreateHandler());
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, Retry = { BaseDelay = TimeSpan.Zero } };
        await using IBitsUploadJob job = new BitsUploadClient(http, options)
            .CreateJob(BitsUploadSource.FromMemory(_file), new Uri("http://any.name/reports/a.zip"));
        BitsServerException refused = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That((int)refused.StatusCode, Is.AnyOf(404, 409), "the URL stays blocked");
    }

    [Test]
    public async Task With_a_handler_that_sends_twice()
    {
        using BitsTestServer server = new();

        // <repeat>
        BitsRepeatingHandler twice = new(BitsPacketNames.Fragment) { InnerHandler = server.CreateHandler() };
        using HttpClient http = new(twice);
        BitsUploadOptions options = new() { ResendPolicy = BitsResendPolicy.Resynchronize };
        BitsUploadResult result = await new BitsUploadClient(http, options).UploadAsync(
            BitsUploadSource.FromMemory(_file), new Uri("http://any.name/reports/a.zip"));

        Assert.That(result.BytesResent, Is.EqualTo(_file.Length));
        // </repeat>

        Assert.That(server.GetFile("/reports/a.zip"), Is.EqualTo(_file));
    }

    [Test]
    public async Task With_two_origins()
    {
        using TemporaryFile file = new(_file);
        string path = file.Path;

        // <origins-test>
        BitsTestServerOptions options = new();
        using BitsTestServer server = new(options);
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        await using BitsTestHost other = await BitsTestHost.StartAsync(server);
        options.HostId = other.BaseAddress.Authority;

        using HttpClient http = new();
        http.DefaultRequestHeaders.Add("X-Api-Key", "12345");
        BitsUploadClient client = new(http);
        await client.UploadFileAsync(path, new Uri(host.BaseAddress, "reports/a.zip"));

        IEnumerable<BitsExchange> there = server.Dialogue.Where(exchange => exchange.Host == other.BaseAddress.AbsoluteUri);
        Assert.That(there.Select(exchange => exchange.RequestHeader("X-Api-Key")), Is.Not.Empty.And.All.EqualTo(""));
        // </origins-test>
    }

    private IBitsUploadJob CreateJob(HttpClient http) =>
        new BitsUploadClient(http, _options).CreateJob(BitsUploadSource.FromMemory(_file), new Uri("http://any.name/reports/a.zip"));
}
