using BitsClient.DependencyInjection.Tests.Support;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection.Tests;

/// <summary>The worker uploads files in the background, and continues after a restart of the host.</summary>
public sealed class WorkerTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];

    private DirectoryInfo _folder = null!;
    private WatchedStore _store = null!;
    private BitsTestServer _server = null!;
    private TemporaryFile _file = null!;
    private LogLines _logs = null!;

    [SetUp]
    public void Begin()
    {
        _folder = Directory.CreateTempSubdirectory("bitsclient-worker-");
        _store = new WatchedStore(_folder.FullName);
        _server = new BitsTestServer();
        _file = new TemporaryFile(Bytes);
        _logs = new LogLines();
    }

    [TearDown]
    public void End()
    {
        _server.Dispose();
        _file.Dispose();
        _logs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task A_file_that_is_enqueued_is_uploaded()
    {
        using IHost host = Build();
        await host.StartAsync();
        BitsUploadResult result = await WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        await host.StopAsync();
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes));
    }

    [Test]
    public async Task A_host_that_stops_keeps_the_session_and_the_next_one_resumes_it()
    {
        ManualTimeProvider time = new();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment, 2);
        using (IHost host = Build(services => services.AddSingleton<TimeProvider>(time)))
        {
            await host.StartAsync();
            Task<BitsUploadResult> uploading = WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
            await gate.ReachedByAsync(uploading);
            Task armed = time.WhenArmed(TimeSpan.FromSeconds(1));
            Task stopping = host.StopAsync();
            await armed;
            time.Advance(TimeSpan.FromSeconds(1));
            await stopping;
            gate.Release();
            Assert.That(() => uploading, Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(_server.OpenSessionCount, Is.EqualTo(1));
        await RestartAsync(count: 0);

        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes));
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_transient_failure_is_followed_by_another_run_after_the_delay()
    {
        ManualTimeProvider time = new();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 2);
        using IHost host = Build(services => services.AddSingleton<TimeProvider>(time));
        await host.StartAsync();
        Task<BitsUploadResult> uploading = WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        await time.WhenArmed(TimeSpan.FromMinutes(1));
        Assert.That(uploading.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromMinutes(1));
        await uploading;
        await host.StopAsync();
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        Assert.That(_logs.Lines, Has.Some.StartsWith("Warning BitsClient.DependencyInjection.BitsUploadWorker: The upload of "));
    }

    [Test]
    public async Task A_file_that_is_enqueued_while_its_upload_is_being_resumed_is_uploaded_once()
    {
        await FailAsync();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
        using IHost host = Build();
        await host.StartAsync();
        await gate.Reached;
        Task<BitsUploadResult> uploading = WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        gate.Release();
        await uploading;
        await host.StopAsync();
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes));
    }

    [Test]
    public async Task A_file_that_was_enqueued_before_the_store_was_read_resumes_its_upload_once()
    {
        await FailAsync();
        using IHost host = Build(services => services.Configure<BitsUploadOptions>(options => options.ResumeExisting = false));
        Task<BitsUploadResult> uploading = WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        await host.StartAsync();
        await uploading;
        await host.StopAsync();
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        Assert.That(await _store.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task A_file_can_be_enqueued_again_as_soon_as_its_upload_is_complete()
    {
        using IHost host = Build();
        await host.StartAsync();
        await WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        await WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        await host.StopAsync();
        Assert.That(_server.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Without_ResumeExisting_the_saved_uploads_are_resumed_too()
    {
        await FailAsync();
        await RestartAsync(
            count: 0, services => services.Configure<BitsUploadOptions>(options => options.ResumeExisting = false));
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes));
    }

    [Test]
    public async Task A_log_that_grows_is_uploaded_as_it_was_also_after_a_restart()
    {
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        using (IHost host = Build())
        {
            await host.StartAsync();
            Task<BitsUploadResult> uploading = WorkerOf(host).EnqueueAsync(
                _file.Path, TestHost.Url, new BitsFileSourceOptions { GrowthAllowed = true });
            Assert.That(() => uploading, Throws.TypeOf<BitsServerException>());
            await host.StopAsync();
        }

        await File.AppendAllTextAsync(_file.Path, "one more line");
        await RestartAsync(count: 0);

        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes));
    }

    [Test]
    public async Task An_upload_that_another_process_is_running_is_tried_again_after_the_delay()
    {
        ManualTimeProvider time = new();
        await FailAsync();
        IAsyncDisposable held = await _store.LockAsync((await _store.ListAsync()).Single().Checkpoint!.Id);
        using IHost host = Build(services => services.AddSingleton<TimeProvider>(time));
        await host.StartAsync();
        await time.WhenArmed(TimeSpan.FromMinutes(1));
        await held.DisposeAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        await StoredAsync(host, count: 0);
        await host.StopAsync();
        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes));
        Assert.That(_logs.Lines.Count(line => line.StartsWith("Error ", StringComparison.Ordinal)), Is.EqualTo(1), "that of FailAsync");
    }

    [Test]
    public async Task A_saved_upload_that_begins_anew_still_gets_its_reply()
    {
        using BitsTestServer server = new(new BitsTestServerOptions { Reply = _ => [1, 2, 3] });
        string reply = Path.Combine(_file.Folder, "reply.bin");
        using HttpClient http = new(server.CreateHandler());
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        BitsUploadOptions options = new() { CheckpointStore = _store, FixedFragmentSize = 1000 };
        await using (IBitsUploadJob job = new BitsUploadClient(http, options).CreateJob(
            BitsUploadSource.FromFile(_file.Path), TestHost.Url, BitsReplyTarget.ToFile(reply)))
        {
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        }

        ManualTimeProvider time = new();
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503));
        using IHost host = TestHost.Build(services =>
        {
            services.AddSingleton<TimeProvider>(time).AddSingleton<IBitsCheckpointStore>(_store);
            services.AddBitsUploadClient(own => (own.OnFailure, own.Retry.MaxRetries) = (BitsSessionAction.CancelSession, 0)).To(server);
            services.AddBitsUploadWorker();
        });
        await host.StartAsync();
        await time.WhenArmed(TimeSpan.FromMinutes(1));
        Assert.That(await _store.ListAsync(), Is.Empty, "the session was canceled");
        Task uploaded = _store.NextDeletion;
        time.Advance(TimeSpan.FromMinutes(1));
        await uploaded;
        await host.StopAsync();
        Assert.That(server.Sessions.Select(session => session.State), Is.EqualTo(
            new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
        Assert.That(await File.ReadAllBytesAsync(reply), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_file_that_waits_for_its_retry_holds_up_no_other()
    {
        ManualTimeProvider time = new();
        using IHost host = Build(services => services.AddSingleton<TimeProvider>(time)
            .Configure<BitsUploadWorkerOptions>(options => options.MaxConcurrentUploads = 1));
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 2);
        await host.StartAsync();
        Task<BitsUploadResult> first = WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        await time.WhenArmed(TimeSpan.FromMinutes(1));
        await WorkerOf(host).EnqueueAsync(_file.Path, new Uri(TestHost.Url, "second.bin"));
        Assert.That(first.IsCompleted, Is.False);
        await host.StopAsync();
        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_service_that_is_stopped_before_the_worker_may_wait_for_its_upload()
    {
        BitsGate gate = _server.HoldBody(1, 500);
        using IHost host = Build(services => services
            .AddSingleton<TimeProvider>(new ManualTimeProvider())
            .AddSingleton<IHostedService, Waiting>(
                provider => new Waiting(provider.GetRequiredService<BitsUploadWorker>(), _file.Path)));
        await host.StartAsync();
        await gate.Reached;
        await host.StopAsync();
        Assert.That(host.Services.GetServices<IHostedService>().OfType<Waiting>().Single().ExecuteTask!.IsCompleted);
    }

    [Test]
    public async Task A_file_that_is_enqueued_after_the_host_has_stopped_is_canceled([Values] bool wasStarted)
    {
        IHost host = Build();
        BitsUploadWorker worker = WorkerOf(host);
        Task<BitsUploadResult>? early = wasStarted ? null : worker.EnqueueAsync(_file.Path, new Uri(TestHost.Url, "early.bin"));
        if (wasStarted)
        {
            await host.StartAsync();
            await host.StopAsync();
        }

        host.Dispose();
        Assert.That(() => worker.EnqueueAsync(_file.Path, TestHost.Url), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(early?.IsCanceled, Is.Not.False);
        Assert.That(_server.Sessions, Is.Empty);
    }

    [Test]
    public async Task A_host_that_stops_just_before_a_job_is_run_is_no_failure()
    {
        await FailAsync();
        using IHost host = Build();
        Task? stopping = null;
        _logs.OnLine = line =>
            stopping ??= line.Contains(" continues; ", StringComparison.Ordinal) ? WorkerOf(host).StopAsync(default) : null;
        await host.StartAsync();
        await WorkerOf(host).ExecuteTask!;
        await stopping!;
        Assert.That(_logs.Lines.Count(line => line.StartsWith("Error ", StringComparison.Ordinal)), Is.EqualTo(1), "that of FailAsync");
        Assert.That(await _store.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_request_is_not_logged_by_the_HttpClient_with_its_query()
    {
        using IHost host = Build();
        await host.StartAsync();
        await WorkerOf(host).EnqueueAsync(_file.Path, new Uri("http://bits.test/upload/file.bin?key=secret"));
        await host.StopAsync();
        Assert.That(_logs.Lines, Is.Not.Empty);
        Assert.That(_logs.Lines, Has.None.Contains("System.Net.Http.HttpClient").And.None.Contains("secret"));
    }

    [Test]
    public async Task One_bad_file_stops_no_other()
    {
        using IHost host = Build();
        await host.StartAsync();
        BitsUploadWorker worker = WorkerOf(host);
        Task<BitsUploadResult> missing = worker.EnqueueAsync(Path.Combine(_file.Folder, "missing"), TestHost.Url);
        Task<BitsUploadResult> relative = worker.EnqueueAsync(_file.Path, new Uri("relative", UriKind.Relative));
        Task<BitsUploadResult> good = worker.EnqueueAsync(_file.Path, TestHost.Url);
        await good;
        Assert.That(() => missing, Throws.TypeOf<FileNotFoundException>());
        Assert.That(() => relative, Throws.ArgumentException);
        await host.StopAsync();
        Assert.That(_logs.Lines.Count(line => line.StartsWith("Error ", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task A_changed_file_and_an_unreadable_checkpoint_do_not_stop_the_host()
    {
        await FailAsync();
        await File.WriteAllBytesAsync(_file.Path, Bytes[..7000]);
        string odd = Path.Combine(_folder.FullName, $"{Guid.NewGuid()}.json");
        await File.WriteAllTextAsync(odd, "damaged");
        await RestartAsync(count: 1);

        Assert.That(_server.GetFile("/upload/file.bin"), Is.EqualTo(Bytes[..7000]));
        Assert.That(_server.OpenSessionCount, Is.Zero);
        Assert.That(_logs.Lines, Has.Some.Contains("is not resumed").And.Some.Contains(odd));
    }

    [Test]
    public async Task No_more_files_are_uploaded_at_once_than_the_option_says()
    {
        using IHost host = Build(services => services.Configure<BitsUploadWorkerOptions>(options => options.MaxConcurrentUploads = 1));
        BitsGate gate = _server.HoldAck(BitsPacketNames.CreateSession);
        await host.StartAsync();
        Task<BitsUploadResult> first = WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url);
        Task<BitsUploadResult> second = WorkerOf(host).EnqueueAsync(_file.Path, new Uri(TestHost.Url, "second.bin"));
        await gate.ReachedByAsync(first);
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        gate.Release();
        await Task.WhenAll(first, second);
        await host.StopAsync();
        string[] sessions = [.. _server.Dialogue.Select(exchange => exchange.RequestHeader("BITS-Session-Id")).OfType<string>()];
        Assert.That(sessions.SkipWhile(id => id == sessions[0]).Distinct().ToArray(), Has.Length.EqualTo(1), "one after the other");
    }

    [Test]
    public void A_worker_without_a_store_fails_the_start()
    {
        using IHost host = TestHost.Build(services =>
        {
            services.AddBitsUploadClient().To(_server);
            services.AddBitsUploadWorker(options => (options.MaxConcurrentUploads, options.RetryDelay) = (0, TimeSpan.Zero));
        });
        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("needs a checkpoint store")
                .And.Message.Contains("MaxConcurrentUploads is 0").And.Message.Contains("RetryDelay is 00:00:00"));
    }

    [TestCase("", "The worker needs a BITS upload client.")]
    [TestCase("reports", "ClientName is 'reports', but no BITS upload client with that name is registered.")]
    public void A_worker_without_its_client_fails_the_start(string name, string message)
    {
        using IHost host = TestHost.Build(services =>
        {
            services.AddBitsUploadClient("archive").To(_server);
            services.AddBitsUploadWorker(options => options.ClientName = name);
        });
        Assert.That(() => host.StartAsync(), Throws.TypeOf<OptionsValidationException>().With.Message.StartsWith(message));
    }

    // Leaves an upload in the store of which one fragment was acknowledged.
    private async Task FailAsync()
    {
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        using IHost host = Build();
        await host.StartAsync();
        Assert.That(() => WorkerOf(host).EnqueueAsync(_file.Path, TestHost.Url), Throws.TypeOf<BitsServerException>());
        await host.StopAsync();
    }

    private static BitsUploadWorker WorkerOf(IHost host) => host.Services.GetRequiredService<BitsUploadWorker>();

    // Runs another host until the worker has nothing left to do but what stays in the store.
    private async Task RestartAsync(int count, Action<IServiceCollection>? register = null)
    {
        using IHost host = Build(register);
        await host.StartAsync();
        await StoredAsync(host, count);
        await host.StopAsync();
    }

    // Waits until the worker has nothing left to do but what stays in the store.
    private async Task StoredAsync(IHost host, int count)
    {
        Task worker = WorkerOf(host).ExecuteTask!;
        Task deletion = _store.NextDeletion;
        while ((await _store.ListAsync()).Count > count)
        {
            Assert.That(await Task.WhenAny(deletion, worker), Is.Not.SameAs(worker), "it waits for uploads");
            deletion = _store.NextDeletion;
        }
    }

    private IHost Build(Action<IServiceCollection>? register = null) => TestHost.Build(
        services =>
        {
            services.AddSingleton<IBitsCheckpointStore>(_store);
            services.AddBitsUploadClient(options =>
            {
                options.FixedFragmentSize = 1000;
                options.Retry.MaxRetries = 0;
            }).To(_server);
            services.AddBitsUploadWorker();
            register?.Invoke(services);
        },
        _logs);

    /// <summary>Waits for an upload without a token of its own.</summary>
    private sealed class Waiting(BitsUploadWorker worker, string path) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => worker.EnqueueAsync(path, TestHost.Url);
    }
}
