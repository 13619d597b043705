namespace BitsClient.Tests.Substitution;

/// <summary>A hand-written fake, as a user's tests have one: every job that it makes runs in the same way.</summary>
internal sealed class FakeClient(Func<CancellationToken, Task<BitsUploadResult>> run) : IBitsUploadClient
{
    /// <summary>The calls, as in "create http://bits.test/a" or "resume id".</summary>
    public List<string> Calls { get; } = [];

    public Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        run(cancellationToken);

    public Task<BitsUploadResult> UploadAsync(
        BitsUploadSource source, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        run(cancellationToken);

    public IBitsUploadJob CreateJob(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null)
    {
        Calls.Add($"create {url}");
        return new FakeJob(url, run);
    }

    public Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default) => Task.FromResult(CreateJob(source, url, reply));

    public Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadCheckpoint checkpoint, BitsUploadSource? source = null, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        Calls.Add($"resume {checkpoint.SessionId}");
        return Task.FromResult<IBitsUploadJob>(new FakeJob(checkpoint.Url, run));
    }

    public async Task<IReadOnlyList<BitsResumedUpload>> ResumeAllAsync(
        IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        BitsStoredCheckpoint stored = new() { Location = "memory" };
        return [new BitsResumedUpload { Stored = stored, Result = await run(cancellationToken) }];
    }

    public IBitsUploadJob ResumeJob(
        BitsUploadCheckpoint checkpoint, BitsUploadSource source, BitsReplyTarget? reply = null, BitsJobOptions? options = null)
    {
        Calls.Add($"resume {checkpoint.SessionId}");
        return new FakeJob(checkpoint.Url, run);
    }

    public Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint, BitsJobOptions? options = null)
    {
        Calls.Add($"cancel {checkpoint.SessionId}");
        return Task.FromResult(BitsCancelOutcome.SessionCanceled);
    }

    public Task<IReadOnlyList<BitsOtherSession>> ForgetAsync(
        BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        Calls.Add($"forget {checkpoint.SessionId}");
        return Task.FromResult(checkpoint.OtherSessions);
    }

    public Task PingAsync(Uri url, CancellationToken cancellationToken = default) => Task.CompletedTask;

    private sealed class FakeJob(Uri url, Func<CancellationToken, Task<BitsUploadResult>> run) : IBitsUploadJob
    {
        public Guid Id { get; } = Guid.NewGuid();

        public Uri Url => url;

        public string? SessionId => null;

        public BitsUploadCheckpoint? Checkpoint => null;

        public BitsUploadStatus Status => BitsUploadStatus.Queued;

        public Task<BitsUploadResult> RunAsync(
            IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) => run(cancellationToken);

        public Task SuspendAsync() => Task.CompletedTask;

        public Task ResumeAsync() => Task.CompletedTask;

        public Task<BitsCancelOutcome> CancelAsync() => Task.FromResult(BitsCancelOutcome.NotStarted);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
