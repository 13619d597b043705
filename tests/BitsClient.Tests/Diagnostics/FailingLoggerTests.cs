using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Diagnostics;

/// <summary>A logger that throws does not affect what it logs: an upload, a failure, a cancel.</summary>
public sealed class FailingLoggerTests
{
    public enum Member
    {
        IsEnabled,
        Log,
    }

    [Test]
    public async Task An_upload_that_logs_every_kind_of_problem_succeeds([Values] Member failing)
    {
        // Each of these is logged: the retry, the failing progress handler, and the failures of the store.
        using Rig rig = new(failing, "save", "delete", "unlock");
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 3);
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            ProgressHandler handler = new(_ => throw new InvalidOperationException("The handler is broken."));
            BitsUploadResult result = await job.RunAsync(handler);
            Assert.That(result.Retries, Is.EqualTo(1));
            Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
        }

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Logger.Failures, Is.GreaterThan(10), "the logger was called, and threw");
    }

    [Test]
    public async Task A_failed_upload_throws_its_own_exception_and_a_cancel_returns_its_outcome(
        [Values] Member failing, [Values] bool confirmed)
    {
        using Rig rig = new(failing);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        if (!confirmed)
        {
            rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        }

        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(await job.CancelAsync(), Is.EqualTo(confirmed ? BitsCancelOutcome.SessionCanceled : BitsCancelOutcome.Unconfirmed));
        Assert.That(rig.Logger.Failures, Is.GreaterThan(4), "the logger was called, and threw");
    }

    [Test]
    public void A_client_that_logs_a_warning_can_be_created([Values] Member failing)
    {
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(1) };
        using FailingLogger logger = new(failing);
        Assert.That(() => new BitsUploadClient(http, loggerFactory: logger), Throws.Nothing);
        Assert.That(logger.Failures, Is.EqualTo(1), "the logger was called, and threw");
    }

    /// <summary>A client whose logger throws; certain calls of its store fail as well.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly HttpClient _http;
        private readonly BitsUploadClient _client;

        public Rig(Member failing, params string[] failingCalls)
        {
            Logger = new FailingLogger(failing);
            RecordingStore store = new()
            {
                OnCall = call =>
                    !failingCalls.Contains(call.Split(' ')[0]) ? Task.CompletedTask : throw new IOException("The store is broken."),
            };
            BitsUploadOptions options = new()
            {
                FixedFragmentSize = 1000,
                CheckpointStore = store,
                Retry = new BitsRetryOptions { BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero },
            };
            _http = new HttpClient(Server.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
            _client = new BitsUploadClient(_http, options, Logger, new ManualTimeProvider());
        }

        public BitsTestServer Server { get; } = new();

        public FailingLogger Logger { get; }

        public byte[] File { get; } = UploadRig.Bytes(10_000);

        public IBitsUploadJob CreateJob() => _client.CreateJob(BitsUploadSource.FromMemory(File), UploadRig.Url);

        public void Dispose()
        {
            _http.Dispose();
            Server.Dispose();
            Logger.Dispose();
        }
    }

    private sealed class FailingLogger(Member failing) : ILoggerFactory, ILogger
    {
        private int _failures;

        public int Failures => _failures;

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => failing is Member.IsEnabled ? throw Failure() : true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw Failure();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw Failure();

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // There is nothing to release.
        }

        private InvalidOperationException Failure()
        {
            Interlocked.Increment(ref _failures);
            return new InvalidOperationException("The logger is broken.");
        }
    }
}
