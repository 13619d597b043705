using BitsClient.Protocol;
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
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a client.</summary>
    /// <param name="httpClient">
    /// Sends the requests, and is never disposed of here. Authentication, certificates and proxy are its handler's; its <see cref="HttpClient.Timeout"/> limits
    /// each request, a fragment included, so that the default of 100 seconds may be too short for a slow line.
    /// </param>
    /// <param name="options">How to upload; the defaults of <see cref="BitsUploadOptions"/> if null.</param>
    /// <param name="loggerFactory">Makes the logger, of category "BitsClient"; none if null. No query, user info or session id is logged at Information or above.</param>
    /// <param name="timeProvider">The clock for every delay and limit; the system's if null.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message lists all that are.</exception>
    public BitsUploadClient(
        HttpClient httpClient, BitsUploadOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        _channel = new BitsChannel(httpClient);
        _options = (options ?? new BitsUploadOptions()).Checked(nameof(options));
        _time = timeProvider ?? TimeProvider.System;
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("BitsClient");
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
    public BitsUploadJob CreateJob(BitsUploadSource source, Uri url)
    {
        ArgumentNullException.ThrowIfNull(source);
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        SessionState state = new()
        {
            Url = url,
            ContentName = source.Name is null ? null : BitsContentName.Of(source.Name),
            Total = source.Length,
            FragmentSize = _options.FragmentSize,
        };
        return new BitsUploadJob(new UploadSession(_channel, state), source, _options, _time, _logger);
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadState state)
    {
        UploadSession session = new(_channel, SessionState.From(state));
        CancelReport report = await new SessionCancellation(session, _options.CancelTimeout, _time, _logger).CancelAsync().ConfigureAwait(false);
        return report.Outcome;
    }

    /// <inheritdoc />
    public async Task PingAsync(Uri url, CancellationToken cancellationToken = default)
    {
        BitsUrl.ThrowIfUnusable(url, nameof(url));
        SessionState nowhere = new() { Url = url };
        await new UploadSession(_channel, nowhere).TakeTurnAsync(new BitsPacket.Ping(), content: null, cancellationToken).ConfigureAwait(false);
    }
}
