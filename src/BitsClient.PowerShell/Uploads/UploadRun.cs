using System.Runtime.CompilerServices;

namespace BitsClient.PowerShell.Uploads;

/// <summary>
/// A job that runs in this session of PowerShell. When it ends, the job and its connection are disposed, and only what became of the upload
/// is kept. Thread-safe.
/// </summary>
internal sealed class UploadRun(IBitsUploadJob job, HttpClient http, UploadRequest request, SavedUploads folder, UploadWarnings warnings)
{
    // A folder that does not respond must not hold up the end.
    private static readonly TimeSpan MaxLoading = TimeSpan.FromSeconds(5);

    // Null when the run has ended.
    private volatile IBitsUploadJob? _job = job;

    private volatile RunEnd? _end;

    // In a box, so that it is read and written at once.
    private volatile StrongBox<BitsUploadProgress>? _progress;

    public Guid Id { get; } = job.Id;

    /// <summary>What is uploaded; of an upload that the job continues, what is saved of it.</summary>
    public UploadRequest Request { get; } = job.Checkpoint is { } saved ? request.Continuing(saved) : request;

    public SavedUploads Folder => folder;

    public UploadWarnings Warnings => warnings;

    /// <summary>The state. When the job has ended, but not yet the run, its result or error is not known.</summary>
    public BitsUploadStatus State =>
        IsEnded ? _end!.Status : _job is { Status: var status } && !IsFinal(status) ? status : BitsUploadStatus.Transferring;

    /// <summary>How many bytes the server has acknowledged. Reports are not made for each ack.</summary>
    public long BytesAcknowledged => (_job?.Checkpoint ?? Session)?.BytesAcknowledged ?? Progress?.BytesAcknowledged ?? 0;

    /// <summary>The last report; null if there was none yet.</summary>
    public BitsUploadProgress? Progress => _progress?.Value;

    /// <summary>Completes when the run has ended.</summary>
    public Task<BitsUploadResult> Completion { get; private set; } = null!;

    public bool IsEnded => Completion.IsCompleted;

    public BitsUploadResult? Result => Completion.Status == TaskStatus.RanToCompletion ? Completion.Result : null;

    public Exception? Error => _end is { } end
        ? end.Error is OperationCanceledException ? null : end.Error
        : Progress?.Failure;

    /// <summary>The session that the run has left open on the server; null if it has left none, or has not ended.</summary>
    public BitsUploadCheckpoint? Session => _end?.Session;

    /// <summary>That session was saved. If it no longer is, another run has ended the upload.</summary>
    public bool WasSaved => _end is { WasSaved: true };

    /// <summary>The run was canceled, and the server did not confirm it; null otherwise.</summary>
    public BitsUploadCanceledException? Unconfirmed =>
        _end?.Error is BitsUploadCanceledException { Outcome: BitsCancelOutcome.Unconfirmed } error ? error : null;

    /// <summary>Called with each report, on any thread; null while nobody waits for the upload.</summary>
    public Action<BitsUploadProgress>? Observer { get; set; }

    public void Start(CancellationToken cancellationToken) =>
        Completion = Task.Run(() => RunAsync(_job!, cancellationToken), CancellationToken.None);

    /// <summary>Suspends the upload. Returns false if the run has ended instead.</summary>
    public Task<bool> TrySuspendAsync() => TryAsync(async running =>
    {
        await running.SuspendAsync().ConfigureAwait(false);
        if (!IsFinal(running.Status))
        {
            return true;
        }

        await Task.WhenAny(Completion).ConfigureAwait(false);
        return false;
    });

    public Task ResumeAsync() => _job?.ResumeAsync() ?? Task.CompletedTask;

    /// <summary>Cancels the upload on the server. Returns null if the run has ended instead.</summary>
    public Task<BitsCancelOutcome?> TryCancelAsync() => TryAsync<BitsCancelOutcome?>(async running =>
    {
        BitsCancelOutcome outcome = await running.CancelAsync().ConfigureAwait(false);

        // Only then is the state final, and the file closed.
        await Task.WhenAny(Completion).ConfigureAwait(false);
        return outcome;
    });

    private static bool IsFinal(BitsUploadStatus status) =>
        status is BitsUploadStatus.Acknowledged or BitsUploadStatus.Canceled or BitsUploadStatus.Error;

    // The default if the run has ended.
    private async Task<T?> TryAsync<T>(Func<IBitsUploadJob, Task<T>> work)
    {
        try
        {
            if (_job is { } running)
            {
                return await work(running).ConfigureAwait(false);
            }
        }
        catch (ObjectDisposedException)
        {
        }

        await Task.WhenAny(Completion).ConfigureAwait(false);
        return default;
    }

    private async Task<BitsUploadResult> RunAsync(IBitsUploadJob running, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            return await running.RunAsync(new BitsProgress(Report), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            // Before another run can continue and end the upload.
            bool wasSaved = error is not null && await WasSavedAsync(error).ConfigureAwait(false);
            await running.DisposeAsync().ConfigureAwait(false);
            http.Dispose();
            _end = new RunEnd(running.Status, error, running.Checkpoint, wasSaved);
            _job = null;
        }

        void Report(BitsUploadProgress progress)
        {
            _progress = new StrongBox<BitsUploadProgress>(progress);
            Observer?.Invoke(progress);
        }
    }

    private async Task<bool> WasSavedAsync(Exception error)
    {
        try
        {
            // The reason is that it was saved, and no longer is.
            if (error is BitsUploadException { Reason: BitsFailureReason.Store })
            {
                return true;
            }

            Task<BitsUploadCheckpoint?> loading = Task.Run(() => folder.Store.LoadAsync(Id).AsTask());
            return await Task.WhenAny(loading, Task.Delay(MaxLoading)).ConfigureAwait(false) == loading
                && await loading.ConfigureAwait(false) is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    private sealed record RunEnd(BitsUploadStatus Status, Exception? Error, BitsUploadCheckpoint? Session, bool WasSaved);
}
