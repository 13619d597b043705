using BitsClient.Diagnostics;
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
    private readonly ClientContext _environment;

    /// <summary>Makes a client.</summary>
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
        _environment = new ClientContext(new BitsChannel(httpClient, own, time), own, time, logger);
        if (httpClient.Timeout != Timeout.InfiniteTimeSpan && httpClient.Timeout < own.ResponseTimeout)
        {
            Log.TimeoutIsShort(logger, httpClient.Timeout, own.ResponseTimeout);
        }
    }

    /// <inheritdoc />
    public async Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IBitsUploadJob job = CreateJob(BitsUploadSource.FromFile(path), url);
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
                    CreatedAt = _environment.Time.GetUtcNow(),
                    Source = source.Fingerprint,
                    ReplyPath = reply?.Path,
                },
                Rules = _environment.Rules,
                Total = source.Length,
                WantsReply = reply is not null,
            };
        });
    }

    /// <inheritdoc />
    public IBitsUploadJob ResumeJob(BitsUploadCheckpoint state, BitsUploadSource source, BitsReplyTarget? reply = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return JobOf(source, reply, () =>
        {
            UploadState saved = UploadState.From(state, _environment.Rules) with { Resumed = true, ReplyReceived = false };
            if (state.ExpectsReply != reply is not null)
            {
                throw new ArgumentException(reply is null ? "The upload expects a reply, and needs a target for it." : "The upload expects no reply.", nameof(reply));
            }

            if (saved.Host is { } host && _environment.Rules.HostIdPolicy is var policy)
            {
                // The options may be others than those it was begun with.
                saved = policy.Objection(host.Id) is { } objection ? throw new ArgumentException($"The session is on the host '{host.Id}': {objection}", nameof(state))
                    : policy == BitsHostIdPolicy.Ignore ? HostRouting.MovedTo(saved, host: null) with { SessionMayBeLeft = true }
                    : saved;
            }

            BitsSourceFingerprint known = state.Source ?? new BitsSourceFingerprint { Length = state.BytesTotal };
            return known.DifferenceOf(source.Fingerprint) is not { } difference ? saved
                : throw new BitsSourceChangedException($"The source is not the one whose upload is to be resumed: {difference} Cancel the session, and upload it anew.")
                {
                    Url = state.Url,
                    SessionId = state.SessionId,
                    Checkpoint = state,
                };
        });
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint state)
    {
        UploadState open = UploadState.From(state, _environment.Rules);
        CheckpointKeeper keeper = _environment.KeeperOf(hash: null);
        await using (keeper.ConfigureAwait(false))
        {
            await keeper.TryLockAsync(state.Id).ConfigureAwait(false);
            PacketExchange session = _environment.ExchangeOf(open);
            CancelResult report = await new SessionCancellation(session, _environment).CancelAsync().ConfigureAwait(false);
            if (!session.State.IsOpen && await keeper.HoldsAsync(state).ConfigureAwait(false))
            {
                await keeper.SaveOrDeleteAsync(session.State).ConfigureAwait(false);
            }

            return report.Outcome;
        }
    }

    /// <inheritdoc />
    public async Task PingAsync(Uri url, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        PacketExchange session = _environment.ExchangeOf(new UploadState { Url = url, Rules = _environment.Rules });
        await session.TakeTurnAsync(new BitsPacket.Ping(), _environment.Limits, cancellationToken).ConfigureAwait(false);
    }

    // Where no job comes of it, nobody else would let go of them.
    private UploadJob JobOf(BitsUploadSource source, BitsReplyTarget? reply, Func<UploadState> state)
    {
        try
        {
            return new UploadJob(_environment, state(), source, reply);
        }
        catch (Exception)
        {
            source.Dispose();
            reply?.Dispose();
            throw;
        }
    }
}
