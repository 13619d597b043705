using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Sessions;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient;

/// <summary>Uploads files to BITS servers over an <see cref="HttpClient"/>. Thread-safe; one for an application is enough.</summary>
public sealed class BitsUploadClient : IBitsUploadClient
{
    private readonly UploadEnvironment _environment;

    /// <summary>Makes a client.</summary>
    /// <param name="httpClient">
    /// Sends the requests, and is never disposed of here. Authentication, certificates and proxy are its handler's; its <see cref="HttpClient.Timeout"/> should be
    /// infinite, for the upload has limits of its own (a shorter one is logged as a warning). Turn automatic redirects off, which are an error here, and put no retrying or hedging handler in its way: a
    /// Create-Session that is sent twice opens two sessions.
    /// </param>
    /// <param name="options">How to upload; the defaults of <see cref="BitsUploadOptions"/> if null.</param>
    /// <param name="loggerFactory">Makes the logger, of category "BitsClient"; none if null. No query, user info or session id is logged at Information or above.</param>
    /// <param name="timeProvider">The clock for every delay and limit; the system's if null.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message lists all that are.</exception>
    public BitsUploadClient(
        HttpClient httpClient, BitsUploadOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        BitsUploadOptions own = (options ?? new BitsUploadOptions()).Checked(nameof(options));
        TimeProvider time = timeProvider ?? TimeProvider.System;
        ILogger logger = new QuietLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("BitsClient"));
        _environment = new UploadEnvironment(new BitsChannel(httpClient, own, time), own, time, logger);
        if (httpClient.Timeout != Timeout.InfiniteTimeSpan && httpClient.Timeout < own.ResponseTimeout)
        {
            Log.TimeoutIsShort(logger, httpClient.Timeout, own.ResponseTimeout);
        }
    }

    /// <inheritdoc />
    public async Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        BitsUploadJob job = CreateJob(BitsUploadSource.FromFile(path), url);
        await using (job.ConfigureAwait(false))
        {
            return await job.RunAsync(progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public BitsUploadJob CreateJob(BitsUploadSource source, Uri url, BitsReplyTarget? reply = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        SessionState state = new()
        {
            Url = url,
            Rules = _environment.Rules,
            ContentName = source.Name is null ? null : BitsContentName.Of(source.Name),
            Total = source.Length,
            WantsReply = reply is not null,
            FragmentSize = _environment.Options.InitialFragmentSize,
        };
        return new BitsUploadJob(_environment, state, source, reply);
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadState state)
    {
        UploadSession session = _environment.SessionOf(SessionState.From(state, _environment.Rules));
        CancelReport report = await new SessionCancellation(session, _environment).CancelAsync().ConfigureAwait(false);
        return report.Outcome;
    }

    /// <inheritdoc />
    public async Task PingAsync(Uri url, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        UploadSession session = _environment.SessionOf(new SessionState { Url = url, Rules = _environment.Rules });
        await session.TakeTurnAsync(new BitsPacket.Ping(), _environment.Limits, cancellationToken).ConfigureAwait(false);
    }
}
