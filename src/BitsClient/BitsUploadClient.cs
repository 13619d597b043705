using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Resilience;
using BitsClient.Sessions;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BitsClient;

/// <summary>Uploads files to BITS servers over an <see cref="HttpClient"/>. Thread-safe; one for an application is enough.</summary>
public sealed class BitsUploadClient : IBitsUploadClient
{
    private readonly BitsChannel _channel;
    private readonly BitsUploadOptions _options;
    private readonly UploadRules _rules;
    private readonly FragmentLimits _limits = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

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
        _options = (options ?? new BitsUploadOptions()).Checked(nameof(options));
        _rules = UploadRules.From(_options);
        _time = timeProvider ?? TimeProvider.System;
        _channel = new BitsChannel(httpClient, _options, _time);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("BitsClient");
        if (httpClient.Timeout != Timeout.InfiniteTimeSpan && httpClient.Timeout < _options.ResponseTimeout)
        {
            Log.TimeoutIsShort(_logger, httpClient.Timeout, _options.ResponseTimeout);
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
            Rules = _rules,
            ContentName = source.Name is null ? null : BitsContentName.Of(source.Name),
            Total = source.Length,
            WantsReply = reply is not null,
            FragmentSize = _options.InitialFragmentSize,
        };
        return new BitsUploadJob(new UploadSession(_channel, _time, state), source, reply, _options, _limits, _time, _logger);
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadState state)
    {
        UploadSession session = new(_channel, _time, SessionState.From(state, _rules));
        CancelReport report = await new SessionCancellation(session, RequestLimits.From(_options), _time, _logger).CancelAsync().ConfigureAwait(false);
        return report.Outcome;
    }

    /// <inheritdoc />
    public async Task PingAsync(Uri url, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        SessionState nowhere = new() { Url = url, Rules = _rules };
        await new UploadSession(_channel, _time, nowhere).TakeTurnAsync(new BitsPacket.Ping(), RequestLimits.From(_options), cancellationToken).ConfigureAwait(false);
    }
}
