using System.Runtime.CompilerServices;

namespace BitsClient.PowerShell.Uploads;

/// <summary>A job that runs in this session of PowerShell. When it ends, the job and its connection are disposed. Thread-safe.</summary>
internal sealed class UploadRun(IBitsUploadJob job, HttpClient http, UploadRequest request)
{
    // In a box, so that it is read and written at once.
    private volatile StrongBox<BitsUploadProgress>? _progress;

    public Guid Id => job.Id;

    public UploadRequest Request => request;

    public BitsUploadStatus State => job.Status switch
    {
        // The job has ended, but not yet the run: its result or error is not known.
        BitsUploadStatus.Acknowledged or BitsUploadStatus.Canceled or BitsUploadStatus.Error when !IsEnded => BitsUploadStatus.Transferring,
        BitsUploadStatus status => status,
    };

    /// <summary>How many bytes the server has acknowledged. Reports are not made for each ack.</summary>
    public long BytesAcknowledged => job.Checkpoint?.BytesAcknowledged ?? Progress?.BytesAcknowledged ?? 0;

    /// <summary>The last report; null if there was none yet.</summary>
    public BitsUploadProgress? Progress => _progress?.Value;

    /// <summary>Completes when the run has ended.</summary>
    public Task<BitsUploadResult> Completion { get; private set; } = null!;

    public bool IsEnded => Completion.IsCompleted;

    public BitsUploadResult? Result => Completion.Status == TaskStatus.RanToCompletion ? Completion.Result : null;

    public Exception? Error => Completion.Exception?.InnerException ?? Progress?.Failure;

    /// <summary>Called with each report, on any thread; null while nobody waits for the upload.</summary>
    public Action<BitsUploadProgress>? Observer { get; set; }

    public void Start(CancellationToken cancellationToken) =>
        Completion = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);

    public Task SuspendAsync() => job.SuspendAsync();

    public Task ResumeAsync() => job.ResumeAsync();

    /// <summary>Cancels the upload on the server. If it has ended meanwhile, that decides.</summary>
    public async Task<BitsCancelOutcome> CancelAsync()
    {
        try
        {
            BitsCancelOutcome outcome = await job.CancelAsync().ConfigureAwait(false);

            // Only then is the state final, and the file closed.
            await Task.WhenAny(Completion).ConfigureAwait(false);
            return outcome;
        }
        catch (ObjectDisposedException)
        {
            await Completion.ConfigureAwait(false);
            return BitsCancelOutcome.AlreadyCompleted;
        }
    }

    private async Task<BitsUploadResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await job.RunAsync(new BitsProgress(Report), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await job.DisposeAsync().ConfigureAwait(false);
            http.Dispose();
        }

        void Report(BitsUploadProgress progress)
        {
            _progress = new StrongBox<BitsUploadProgress>(progress);
            Observer?.Invoke(progress);
        }
    }
}
