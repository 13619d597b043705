using System.Threading.Channels;
using BitsClient.DependencyInjection.Registration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BitsClient.DependencyInjection;

/// <summary>
/// A hosted service that uploads files in the background. When it starts, it resumes the uploads in the checkpoint store; when the host
/// stops, it keeps the sessions of those that are running. Register it with AddBitsUploadWorker. Thread-safe.
/// </summary>
/// <remarks>
/// A transient failure that outlives the client's own retries is followed by another run after
/// <see cref="BitsUploadWorkerOptions.RetryDelay"/>, for as long as the host runs. Any other failure ends the upload of that file and is
/// logged as an error; no other upload is affected. A file that is waiting to be uploaded when the host stops has no checkpoint yet:
/// enqueue it again after a restart. A file whose upload has begun is resumed, and if it has changed since, it is uploaded anew.
/// </remarks>
public sealed partial class BitsUploadWorker : BackgroundService
{
    private readonly IServiceProvider _provider;
    private readonly BitsUploadWorkerOptions _options;
    private readonly IBitsCheckpointStore _store;
    private readonly ILogger<BitsUploadWorker> _logger;
    private readonly TimeProvider _time;
    private readonly Channel<WorkerUpload> _queue = Channel.CreateUnbounded<WorkerUpload>();

    /// <summary>Initializes the worker. The host does this.</summary>
    /// <param name="provider">Resolves the client.</param>
    /// <param name="options">The settings.</param>
    /// <param name="clients">The options of the clients.</param>
    /// <param name="logger">Logs failures.</param>
    /// <param name="timeProvider">The clock for delays. Default null: the system clock.</param>
    public BitsUploadWorker(
        IServiceProvider provider, IOptions<BitsUploadWorkerOptions> options, IOptionsMonitor<BitsUploadOptions> clients,
        ILogger<BitsUploadWorker> logger, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clients);
        _provider = provider;
        _options = options.Value;
        _store = clients.Get(_options.ClientName).CheckpointStore!;
        _logger = logger;
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Adds a file to be uploaded when its turn comes. Nothing is checked yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="url">The destination: absolute, http or https.</param>
    /// <returns>
    /// A task with the result of the upload. It fails if the upload fails for another reason than a transient one, and is canceled if the
    /// host stops before the upload is complete. You need not await it: failures are also logged.
    /// </returns>
    public Task<BitsUploadResult> EnqueueAsync(string path, Uri url)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(url);
        return AddAsync(new WorkerUpload(path, url, ReplyPath: null));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await EnqueueSavedAsync(stoppingToken).ConfigureAwait(false);
        IEnumerable<int> numbers = Enumerable.Range(0, _options.MaxConcurrentUploads);
        await Task.WhenAll(numbers.Select(_ => UploadAsync(stoppingToken))).ConfigureAwait(false);
    }

    private Task<BitsUploadResult> AddAsync(WorkerUpload upload)
    {
        // The caller may ignore the task.
        _ = upload.Completion.Task.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        _queue.Writer.TryWrite(upload);
        return upload.Completion.Task;
    }

    private async Task EnqueueSavedAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (BitsStoredCheckpoint stored in await _store.ListAsync(stoppingToken).ConfigureAwait(false))
            {
                bool hasReplyPath = stored.Checkpoint?.ReplyPath is not null;
                if (stored.Checkpoint is { Source.Path: { } path } checkpoint && checkpoint.ExpectsReply == hasReplyPath)
                {
                    _ = AddAsync(new WorkerUpload(path, checkpoint.Url, checkpoint.ReplyPath));
                }
                else
                {
                    NotResumed(_logger, stored.Location, stored.Error?.Message ?? "its source or its reply is no file.");
                }
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            StoreUnreadable(_logger, e);
        }
    }

    private async Task UploadAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (WorkerUpload upload in _queue.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                await UploadAsync(upload, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            while (_queue.Reader.TryRead(out WorkerUpload? upload))
            {
                upload.Completion.TrySetCanceled(stoppingToken);
            }
        }
    }

    private async Task UploadAsync(WorkerUpload upload, CancellationToken stoppingToken)
    {
        try
        {
            BitsUploadResult? result;
            while ((result = await TryUploadAsync(upload, stoppingToken).ConfigureAwait(false)) is null)
            {
                await Task.Delay(_options.RetryDelay, _time, stoppingToken).ConfigureAwait(false);
            }

            upload.Completion.TrySetResult(result);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            upload.Completion.TrySetCanceled(stoppingToken);
        }
        catch (Exception e)
        {
            UploadFailed(_logger, upload.Path, e);
            upload.Completion.TrySetException(e);
        }
    }

    // Null after a transient failure.
    private async Task<BitsUploadResult?> TryUploadAsync(WorkerUpload upload, CancellationToken stoppingToken)
    {
        try
        {
            IBitsUploadClient client = ClientRegistration.Resolve(_provider, _options.ClientName);
            BitsReplyTarget? reply = upload.ReplyPath is { } path ? BitsReplyTarget.ToFile(path) : null;
            IBitsUploadJob job = await client.CreateOrResumeJobAsync(
                BitsUploadSource.FromFile(upload.Path), upload.Url, reply, stoppingToken).ConfigureAwait(false);
            await using (job.ConfigureAwait(false))
            {
                // The disposal of a job keeps its session, whatever the token of a run means to the client.
                using CancellationTokenRegistration stopping = stoppingToken.UnsafeRegister(
                    static stopped => _ = ((IBitsUploadJob)stopped!).DisposeAsync().AsTask(), job);
                return await job.RunAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (BitsUploadException e) when (e.IsTransient && !stoppingToken.IsCancellationRequested)
        {
            UploadRetried(_logger, upload.Path, _options.RetryDelay, e);
            return null;
        }
    }

    [LoggerMessage(101, LogLevel.Error, "The upload of {Path} failed.")]
    private static partial void UploadFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(102, LogLevel.Warning, "The upload of {Path} failed, and continues in {Delay}.")]
    private static partial void UploadRetried(ILogger logger, string path, TimeSpan delay, Exception exception);

    [LoggerMessage(103, LogLevel.Warning, "The saved upload {Location} is not resumed: {Reason}")]
    private static partial void NotResumed(ILogger logger, string location, string reason);

    [LoggerMessage(104, LogLevel.Error, "The saved uploads could not be read, and are not resumed.")]
    private static partial void StoreUnreadable(ILogger logger, Exception exception);

    /// <summary>A file to upload, and the task of whoever enqueued it.</summary>
    private sealed record WorkerUpload(string Path, Uri Url, string? ReplyPath)
    {
        public TaskCompletionSource<BitsUploadResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
