using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Sessions;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient;

/// <summary>Uploads files to BITS servers over an <see cref="HttpClient"/>. Thread-safe; one for an application is enough.</summary>
public sealed class BitsUploadClient : IBitsUploadClient
{
    private readonly ClientContext _context;

    /// <summary>Initializes a client.</summary>
    /// <param name="httpClient">
    /// Sends the requests, and is never disposed of here. Authentication, certificates and proxy are its handler's; its
    /// <see cref="HttpClient.Timeout"/> should be infinite, for the upload has limits of its own (a shorter one is logged as a warning). Turn
    /// automatic redirects off, which are an error here, and put no retrying or hedging handler in its way: a Create-Session that is sent twice opens
    /// two sessions.
    /// </param>
    /// <param name="options">How to upload; the defaults of <see cref="BitsUploadOptions"/> if null.</param>
    /// <param name="loggerFactory">
    /// Makes the logger, of category "BitsClient"; none if null. No query, user info or session id is logged at Information or above.
    /// </param>
    /// <param name="timeProvider">The clock for every delay and limit; the system's if null.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message lists all that are.</exception>
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
        UploadAsync(BitsUploadSource.FromFile(path), url, progress, cancellationToken);

    /// <inheritdoc />
    public async Task<BitsUploadResult> UploadAsync(
        BitsUploadSource source, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IBitsUploadJob job = CreateJob(source, url);
        await using (job.ConfigureAwait(false))
        {
            return await job.RunAsync(progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public IBitsUploadJob CreateJob(BitsUploadSource source, Uri url, BitsReplyTarget? reply = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return JobOf(source, reply, () =>
        {
            BitsUrl.ThrowIfUnusable(url, nameof(url));
            return new UploadState
            {
                Url = url,
                Identity = new UploadIdentity
                {
                    Id = Guid.NewGuid(),
                    CreatedAt = _context.Time.GetUtcNow(),
                    Source = source.Fingerprint,
                    ReplyPath = reply?.Path,
                },
                Options = _context.MachineOptions,
                Total = source.Length,
                WantsReply = reply is not null,
            };
        });
    }

    /// <inheritdoc />
    public IBitsUploadJob ResumeJob(BitsUploadCheckpoint checkpoint, BitsUploadSource source, BitsReplyTarget? reply = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return JobOf(source, reply, () =>
        {
            UploadState saved = CheckpointMapping.ToState(checkpoint, _context.MachineOptions);
            if (checkpoint.ExpectsReply != reply is not null)
            {
                throw new ArgumentException(
                    reply is null ? "The upload expects a reply, and needs a target for it." : "The upload expects no reply.", nameof(reply));
            }

            BitsSourceFingerprint known = checkpoint.Source ?? new BitsSourceFingerprint { Length = checkpoint.BytesTotal };
            UploadState routed = OnAcceptedHost(saved with { Session = saved.Session! with { Resumed = true, ReplyReceived = false } }, checkpoint);
            return known.DifferenceOf(source.Fingerprint) is not { } difference ? routed : throw Failure.OfOtherSource(checkpoint, difference);
        });
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint)
    {
        PacketExchange exchange = _context.ExchangeOf(CheckpointMapping.ToState(checkpoint, _context.MachineOptions));
        CheckpointKeeper keeper = _context.KeeperOf(checkpoint.Id, hash: null);
        await using (keeper.ConfigureAwait(false))
        {
            await keeper.TryLockAsync().ConfigureAwait(false);
            CancelResult result = await new SessionCancellation(exchange, _context).CancelAsync().ConfigureAwait(false);
            if (!exchange.State.IsOpen && await keeper.HoldsAsync(checkpoint).ConfigureAwait(false))
            {
                await keeper.SaveOrDeleteAsync(exchange.State).ConfigureAwait(false);
            }

            return result.Outcome;
        }
    }

    /// <inheritdoc />
    public async Task PingAsync(Uri url, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        PacketExchange exchange = _context.ExchangeOf(new UploadState { Url = url, Options = _context.MachineOptions });
        PacketResult result = await exchange.ExchangeAsync(new BitsPacket.Ping(), _context.Timeouts, cancellationToken).ConfigureAwait(false);
        if (result.Failure is { } failure)
        {
            throw failure;
        }

        if (result.IsAbandoned)
        {
            throw new OperationCanceledException("The Ping was canceled.", cancellationToken);
        }
    }

    // The options may differ from those that the upload began with.
    private UploadState OnAcceptedHost(UploadState resumed, BitsUploadCheckpoint checkpoint)
    {
        if (resumed.Session!.Host is not { } host)
        {
            return resumed;
        }

        BitsHostIdPolicy policy = _context.Options.HostIdPolicy;
        if (policy.Objection(host.Id) is { } objection)
        {
            throw new ArgumentException($"The session is on the host '{host.Id}': {objection}", nameof(checkpoint));
        }

        return policy == BitsHostIdPolicy.Ignore
            ? HostRouting.MovedTo(resumed, host: null) with { Earlier = resumed.Earlier with { MayBeOpen = true } }
            : resumed;
    }

    // If no job comes of it, nobody else disposes source and target.
    private UploadJob JobOf(BitsUploadSource source, BitsReplyTarget? reply, Func<UploadState> state)
    {
        try
        {
            return new UploadJob(new JobParts(_context, state(), source, reply));
        }
        catch (Exception)
        {
            source.Dispose();
            reply?.Dispose();
            throw;
        }
    }
}
