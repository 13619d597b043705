using System.Threading.Channels;
using BitsClient.DependencyInjection.Registration;
using Microsoft.Extensions.DependencyInjection;
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
/// <see cref="BitsUploadWorkerOptions.RetryDelay"/>, for as long as the host runs; so is a run that finds the upload locked by another
/// process. Any other failure ends the upload of that file and is logged as an error; no other upload is affected. A file that is waiting
/// to be uploaded when the host stops has no checkpoint yet: enqueue it again after a restart. A file whose upload has begun is resumed,
/// and if it has changed since, it is uploaded anew.
/// </remarks>
public sealed class BitsUploadWorker : BackgroundService
{
    private static readonly TimeSpan MaxStoreTime = TimeSpan.FromSeconds(30);

    private readonly IServiceProvider _provider;
    private readonly BitsUploadWorkerOptions _options;
    private readonly IBitsCheckpointStore _store;
    private readonly ILogger<BitsUploadWorker> _logger;
    private readonly TimeProvider _time;
    private readonly Channel<QueuedUpload> _queue = Channel.CreateUnbounded<QueuedUpload>();

    // What is queued or running, so that a file is not uploaded twice to the same URL at once. It is its own lock.
    private readonly Dictionary<(string Path, Uri Url), QueuedUpload> _enqueued = [];

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

    /// <summary>
    /// Adds a file to be uploaded when its turn comes. If the same file is already waiting or being uploaded to the same URL, also because
    /// its upload was resumed when the host started, nothing is added. Nothing is checked yet.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="url">The destination: absolute, http or https.</param>
    /// <param name="options">How the file is opened. Default null: as BitsUploadSource.FromFile does.</param>
    /// <returns>
    /// A task with the result of the upload. It fails if the upload fails for another reason than a transient one, and is canceled if the
    /// host begins to stop before the upload is complete. You need not await it: failures are also logged.
    /// </returns>
    public Task<BitsUploadResult> EnqueueAsync(string path, Uri url, BitsFileSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(url);
        QueuedUpload upload = new(Path.GetFullPath(path), url, options);
        lock (_enqueued)
        {
            return _enqueued.TryAdd((upload.Path, url), upload) ? AddAsync(upload) : _enqueued[(upload.Path, url)].Completion.Task;
        }
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        CancelQueue();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not only when the host stops this service: it stops one after another, and another one may be waiting for an upload.
        CancellationToken hostStopping = _provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, hostStopping);
        try
        {
            await EnqueueSavedAsync(stop.Token).ConfigureAwait(false);
            IEnumerable<int> numbers = Enumerable.Range(0, _options.MaxConcurrentUploads);
            await Task.WhenAll(numbers.Select(_ => UploadAllAsync(stop.Token))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
        finally
        {
            // What waits for a retry ends too.
            await stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            CancelQueue();
        }
    }

    // Nothing is added afterwards.
    private void CancelQueue()
    {
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out QueuedUpload? upload))
        {
            upload.Completion.TrySetCanceled();
        }
    }

    private Task<BitsUploadResult> AddAsync(QueuedUpload upload)
    {
        // The caller may ignore the task.
        _ = upload.Completion.Task.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        if (!_queue.Writer.TryWrite(upload))
        {
            upload.Completion.TrySetCanceled();
        }

        return upload.Completion.Task;
    }

    // Nothing is uploaded before this has ended.
    private async Task EnqueueSavedAsync(CancellationToken stoppingToken)
    {
        try
        {
            Task<IReadOnlyList<BitsStoredCheckpoint>> listing =
                Task.Run(() => _store.ListAsync(stoppingToken).AsTask(), CancellationToken.None);
            foreach (BitsStoredCheckpoint stored in await listing.WaitAsync(MaxStoreTime, _time, stoppingToken).ConfigureAwait(false))
            {
                bool hasReplyPath = stored.Checkpoint?.ReplyPath is not null;
                if (stored.Checkpoint is { Source.Path: { } path } checkpoint && checkpoint.ExpectsReply == hasReplyPath)
                {
                    EnqueueSaved(checkpoint, path);
                }
                else
                {
                    WorkerLog.NotResumed(_logger, stored.Location, stored.Error?.Message ?? "its source or its reply is no file.");
                }
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            WorkerLog.StoreUnreadable(_logger, e);
        }
    }

    private void EnqueueSaved(BitsUploadCheckpoint checkpoint, string path)
    {
        QueuedUpload saved = new(path, checkpoint.Url, options: null) { Checkpoint = checkpoint };
        lock (_enqueued)
        {
            if (!checkpoint.ExpectsReply && !_enqueued.TryAdd((path, checkpoint.Url), saved)
                && _enqueued[(path, checkpoint.Url)] is { Checkpoint: null } enqueued)
            {
                // The application was faster.
                enqueued.Checkpoint = checkpoint;
            }
            else
            {
                _ = AddAsync(saved);
            }
        }
    }

    private async Task UploadAllAsync(CancellationToken stoppingToken)
    {
        while (await _queue.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
        {
            if (_queue.Reader.TryRead(out QueuedUpload? upload))
            {
                await UploadAsync(upload, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private async Task UploadAsync(QueuedUpload upload, CancellationToken stoppingToken)
    {
        try
        {
            if (await TryUploadAsync(upload, stoppingToken).ConfigureAwait(false) is { } result)
            {
                Forget(upload);
                upload.Completion.TrySetResult(result);
            }
            else
            {
                _ = RequeueAsync(upload, stoppingToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && stoppingToken.IsCancellationRequested)
        {
            // The job may have been disposed before it was run.
            Forget(upload);
            upload.Completion.TrySetCanceled(stoppingToken);
        }
        catch (Exception e)
        {
            Forget(upload);
            upload.Completion.TrySetException(e);
            WorkerLog.UploadFailed(_logger, upload.Path, e);
        }
    }

    // Meanwhile, other files are uploaded.
    private async Task RequeueAsync(QueuedUpload upload, CancellationToken stoppingToken)
    {
        await Task.Delay(_options.RetryDelay, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_queue.Writer.TryWrite(upload))
        {
            upload.Completion.TrySetCanceled(stoppingToken);
        }
    }

    // Before the task completes, because whoever awaits it may enqueue the file again.
    private void Forget(QueuedUpload upload)
    {
        lock (_enqueued)
        {
            if (_enqueued.GetValueOrDefault((upload.Path, upload.Url)) == upload)
            {
                _enqueued.Remove((upload.Path, upload.Url));
            }
        }
    }

    // Null if another run is to follow.
    private async Task<BitsUploadResult?> TryUploadAsync(QueuedUpload upload, CancellationToken stoppingToken)
    {
        IBitsUploadJob? job = null;
        try
        {
            IBitsUploadClient client = ClientRegistration.Resolve(_provider, _options.ClientName);
            job = await JobOfAsync(client, upload, stoppingToken).ConfigureAwait(false);
            await using (job.ConfigureAwait(false))
            {
                // The disposal of a job keeps its session, whatever the token of a run means to the client.
                using CancellationTokenRegistration stopping = stoppingToken.UnsafeRegister(
                    static stopped => _ = ((IBitsUploadJob)stopped!).DisposeAsync().AsTask(), job);
                return await job.RunAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is BitsUploadLockedException or BitsUploadException { IsTransient: true }
            && !stoppingToken.IsCancellationRequested)
        {
            WorkerLog.UploadRetried(_logger, upload.Path, _options.RetryDelay, e);
            BitsUploadCheckpoint? now = await ReloadAsync(job!.Id, upload, stoppingToken).ConfigureAwait(false);

            // A saved upload that another process has ended meanwhile is not uploaded again: the next run says so.
            upload.Checkpoint = now ?? (e is BitsUploadLockedException ? upload.Checkpoint : null);
            return null;
        }
    }

    // Null if the upload has to begin anew.
    private async Task<BitsUploadCheckpoint?> ReloadAsync(Guid id, QueuedUpload upload, CancellationToken stoppingToken)
    {
        try
        {
            Task<BitsUploadCheckpoint?> loading = Task.Run(() => _store.LoadAsync(id, stoppingToken).AsTask(), CancellationToken.None);
            return await loading.WaitAsync(MaxStoreTime, _time, stoppingToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            WorkerLog.StoreUnreadable(_logger, e);
            return upload.Checkpoint;
        }
    }

    // An upload that begins anew is opened as the checkpoint that it had said.
    private static Task<IBitsUploadJob> JobOfAsync(IBitsUploadClient client, QueuedUpload upload, CancellationToken stoppingToken)
    {
        if (upload.Checkpoint is { } checkpoint)
        {
            return client.CreateOrResumeJobAsync(checkpoint, cancellationToken: stoppingToken);
        }

        BitsUploadCheckpoint? earlier = upload.Earlier;
        BitsFileSourceOptions options = upload.Options
            ?? new BitsFileSourceOptions { Name = earlier?.Source?.Name, GrowthAllowed = earlier?.Source is { LastWriteTime: null } };
        return client.CreateOrResumeJobAsync(
            BitsUploadSource.FromFile(upload.Path, options),
            upload.Url,
            earlier?.ReplyPath is { } reply ? BitsReplyTarget.ToFile(reply) : null,
            new BitsJobOptions { Description = earlier?.Description },
            stoppingToken);
    }
}
