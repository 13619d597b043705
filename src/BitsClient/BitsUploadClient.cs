using BitsClient.Diagnostics;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Sessions;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient;

/// <summary>Uploads files to BITS servers over an <see cref="HttpClient"/>. Thread-safe; one client per application is enough.</summary>
public sealed class BitsUploadClient : IBitsUploadClient
{
    private readonly ClientContext _context;

    /// <summary>Initializes a client.</summary>
    /// <param name="httpClient">
    /// Sends the requests; the client never disposes it. Its handler provides authentication, certificates and the proxy. Set its
    /// <see cref="HttpClient.Timeout"/> to infinite, because the upload has timeouts of its own (a shorter one is logged as a warning).
    /// Turn automatic redirects off, because an upload that is redirected fails. Do not use a handler that retries or hedges: a
    /// Create-Session that is sent twice opens two sessions.
    /// </param>
    /// <param name="options">The settings. Default null: the defaults of <see cref="BitsUploadOptions"/>.</param>
    /// <param name="loggerFactory">
    /// Creates the logger, with the category "BitsClient". Default null: nothing is logged. At Information and above, no query, user info
    /// or session id is logged.
    /// </param>
    /// <param name="timeProvider">The clock for all delays and timeouts. Default null: the system clock.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message lists all such options.</exception>
    public BitsUploadClient(
        HttpClient httpClient, BitsUploadOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        BitsUploadOptions own = (options ?? new BitsUploadOptions()).Checked(nameof(options));
        TimeProvider time = timeProvider ?? TimeProvider.System;
        ILogger logger = new NonThrowingLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("BitsClient"));
        _context = new ClientContext(new BitsChannel(httpClient, own, time), own, time, logger);
        if (httpClient.Timeout != Timeout.InfiniteTimeSpan && httpClient.Timeout < own.ResponseTimeout)
        {
            Log.TimeoutIsShort(logger, httpClient.Timeout, own.ResponseTimeout);
        }
    }

    /// <inheritdoc />
    public Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        UploadAsync(path, source: null, url, progress, cancellationToken);

    /// <inheritdoc />
    public Task<BitsUploadResult> UploadAsync(
        BitsUploadSource source, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        UploadAsync(path: null, source, url, progress, cancellationToken);

    /// <inheritdoc />
    public IBitsUploadJob CreateJob(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Claim(source, reply);
        return CreateNewJob(source, url, reply, options ?? BitsJobOptions.Default);
    }

    /// <inheritdoc />
    public async Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default) =>
        await CreateOrResumeAsync(source, url, reply, options ?? BitsJobOptions.Default, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadCheckpoint checkpoint, BitsUploadSource? source = null, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Claim(source, reply);
        SavedUpload saved = new(checkpoint, _context);
        BitsUploadSource opened = source ?? OpenOrDispose(saved.OpenFile, reply);
        BitsReplyTarget? target = reply ?? OpenOrDispose(saved.OpenReply, opened);
        return await saved.ContinueAsync(opened, target, options ?? BitsJobOptions.Default, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public IBitsUploadJob ResumeJob(
        BitsUploadCheckpoint checkpoint, BitsUploadSource source, BitsReplyTarget? reply = null, BitsJobOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Claim(source, reply);
        SavedUpload saved = new(checkpoint, _context);
        try
        {
            (options ??= BitsJobOptions.Default).ThrowIfUnusable(nameof(options));
            return new UploadJob(new JobParts(_context, saved.StateFor(source, reply, options), source, reply, options));
        }
        catch (Exception)
        {
            source.Dispose();
            reply?.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<BitsResumedUpload>> ResumeAllAsync(
        IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IBitsCheckpointStore store = _context.Options.CheckpointStore ?? throw new InvalidOperationException(
            $"There is nothing to resume, because the client has no {nameof(BitsUploadOptions.CheckpointStore)}.");
        List<BitsResumedUpload> uploads = [];
        IReadOnlyList<BitsStoredCheckpoint> entries =
            await SavedUpload.ListAsync(store, _context.Time, cancellationToken).ConfigureAwait(false);
        foreach (BitsStoredCheckpoint stored in entries)
        {
            uploads.Add(await ResumeAsync(stored, progress, cancellationToken).ConfigureAwait(false));
        }

        return uploads;
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint, BitsJobOptions? options = null)
    {
        BitsJobOptions job = options ?? BitsJobOptions.Default;
        job.ThrowIfUnusable(nameof(options));
        UploadState given = CheckpointMapping.ToState(checkpoint, _context.MachineOptions);
        CheckpointKeeper keeper = _context.KeeperOf(checkpoint.Id, hash: null, job);
        await using (keeper.ConfigureAwait(false))
        {
            await keeper.TryLockAsync().ConfigureAwait(false);
            BitsUploadCheckpoint? stored = await keeper.LoadSameAsync(checkpoint).ConfigureAwait(false);
            PacketExchange exchange = _context.ExchangeOf(
                stored is null ? given : CheckpointMapping.ToState(stored, _context.MachineOptions), job);
            CancelResult result = await new SessionCancellation(exchange, _context).EndAsync().ConfigureAwait(false);
            if (stored is not null)
            {
                await keeper.SaveOrDeleteAsync(exchange.State).ConfigureAwait(false);
            }

            return result.Outcome;
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<BitsOtherSession>> ForgetAsync(
        BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<BitsOtherSession> known = SessionsOf(checkpoint);
        IBitsCheckpointStore store = _context.Options.CheckpointStore ?? throw new InvalidOperationException(
            $"There is no checkpoint to delete, because the client has no {nameof(BitsUploadOptions.CheckpointStore)}.");
        BitsUploadCheckpoint? stored = await new SavedUpload(checkpoint, _context).ForgetAsync(store, cancellationToken)
            .ConfigureAwait(false);
        return stored is null ? known : SessionsOf(stored);
    }

    /// <inheritdoc />
    public async Task PingAsync(Uri url, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        UploadState none = new() { Url = url, Options = _context.MachineOptions };
        PacketResult result = await _context.ExchangeOf(none, BitsJobOptions.Default)
            .ExchangeOrAuthenticateAsync(new BitsPacket.Ping(), _context.Timeouts, cancellationToken).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            throw failure;
        }

        if (result.Abandonment is { } abandonment)
        {
            throw new OperationCanceledException("The Ping was canceled.", abandonment, cancellationToken);
        }
    }

    // The sessions that a checkpoint knows, the current one first, each with the URL of its server.
    private IReadOnlyList<BitsOtherSession> SessionsOf(BitsUploadCheckpoint checkpoint)
    {
        UploadState state = CheckpointMapping.ToState(checkpoint, _context.MachineOptions);
        return state.Session is { } current
            ? [new BitsOtherSession { Url = state.Target, SessionId = current.Id }, .. checkpoint.OtherSessions]
            : checkpoint.OtherSessions;
    }

    // One upload that cannot be resumed must not prevent the others from being resumed.
    private async Task<BitsResumedUpload> ResumeAsync(
        BitsStoredCheckpoint stored, IProgress<BitsUploadProgress>? progress, CancellationToken cancellationToken)
    {
        if (stored.Checkpoint is not { } checkpoint)
        {
            return new BitsResumedUpload { Stored = stored, Error = stored.Error };
        }

        try
        {
            IBitsUploadJob job = await CreateOrResumeJobAsync(checkpoint, cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (job.ConfigureAwait(false))
            {
                BitsUploadResult result = await job.RunAsync(progress, cancellationToken).ConfigureAwait(false);
                return new BitsResumedUpload { Stored = stored, Result = result };
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new BitsResumedUpload { Stored = stored, Error = e };
        }
    }

    // The source is that of the path if there is one. What is wrong with it is reported by the task.
    private async Task<BitsUploadResult> UploadAsync(
        string? path, BitsUploadSource? source, Uri url, IProgress<BitsUploadProgress>? progress, CancellationToken cancellationToken)
    {
        UploadJob job;
        try
        {
            job = await CreateOrResumeAsync(
                path is null ? source! : BitsUploadSource.FromFile(path), url, reply: null, BitsJobOptions.Default, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (e is not BitsUploadCanceledException)
        {
            throw new BitsUploadCanceledException(BitsCancelOutcome.NotStarted, checkpoint: null, e, cancellationToken);
        }

        await using (job.ConfigureAwait(false))
        {
            return await job.RunOnceAsync(progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<UploadJob> CreateOrResumeAsync(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply, BitsJobOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        Claim(source, reply);
        SavedUpload? saved;
        try
        {
            BitsUrl.ThrowIfUnusable(url, nameof(url));
            saved = options.CheckpointStore is null && _context.Options is { ResumeExisting: true, CheckpointStore: { } store }
                ? await SavedUpload.FindAsync(store, _context, source, url, reply is not null, cancellationToken).ConfigureAwait(false)
                : null;
        }
        catch (Exception)
        {
            source.Dispose();
            reply?.Dispose();
            throw;
        }

        return saved is null
            ? CreateNewJob(source, url, reply, options)
            : await saved.ContinueAsync(source, reply, options, cancellationToken).ConfigureAwait(false);
    }

    // If there is no job, nobody else disposes the source and the target.
    private UploadJob CreateNewJob(BitsUploadSource source, Uri url, BitsReplyTarget? reply, BitsJobOptions options)
    {
        try
        {
            options.ThrowIfUnusable(nameof(options));
            BitsUrl.ThrowIfUnusable(url, nameof(url));
            return new UploadJob(new JobParts(_context, _context.NewState(source, url, reply, options), source, reply, options));
        }
        catch (Exception)
        {
            source.Dispose();
            reply?.Dispose();
            throw;
        }
    }

    // If the second of the two cannot be opened, the first is not left open.
    private static T OpenOrDispose<T>(Func<T> open, IDisposable? other)
    {
        try
        {
            return open();
        }
        catch (Exception)
        {
            other?.Dispose();
            throw;
        }
    }

    // A target that belongs to another job is that job's to dispose.
    private static void Claim(BitsUploadSource? source, BitsReplyTarget? reply)
    {
        if (reply?.TryClaim() == false)
        {
            source?.Dispose();
            throw new ArgumentException("The reply target belongs to another job; each job needs its own.", nameof(reply));
        }
    }
}
