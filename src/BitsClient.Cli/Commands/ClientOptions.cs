using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The options of every command that uploads, and the options of the client that they set.</summary>
internal sealed class ClientOptions
{
    private readonly Option<int?> _fragmentSize = OptionFactory.FragmentSize();
    private readonly Option<int?> _maxRate = OptionFactory.MaxRate();
    private readonly Option<int> _parallel = OptionFactory.Parallel();
    private readonly Option<int?> _retries = OptionFactory.Retries();
    private readonly Option<BitsResendPolicy> _resend = OptionFactory.Resend();
    private readonly Option<bool> _overrideVerb = OptionFactory.OverrideVerb();
    private readonly ConnectionOptions _connection = new();
    private BitsRateLimiter? _limiter;

    public void AddTo(Command command)
    {
        command.Add(_fragmentSize);
        command.Add(_maxRate);
        command.Add(_parallel);
        command.Add(_retries);
        command.Add(_resend);
        command.Add(_overrideVerb);
        _connection.AddTo(command);
    }

    public HttpClient Open(ParseResult parsed, Terminal terminal, Uri url) =>
        _connection.Open(parsed, terminal, url, retriesUnknownHost: parsed.GetValue(_retries) is not null);

    /// <summary>How many uploads run at the same time.</summary>
    public int Parallel(ParseResult parsed) => parsed.GetValue(_parallel);

    /// <summary>Whether packets are written to stderr.</summary>
    public bool ShowsPackets(ParseResult parsed) => _connection.ShowsPackets(parsed);

    /// <summary>The options of a client for the server of a URL. The session of an upload that is stopped or fails is kept.</summary>
    public BitsUploadOptions Options(ParseResult parsed, Uri url)
    {
        BitsUploadOptions options = new()
        {
            // All uploads of the command share the limit.
            RateLimiter = parsed.GetValue(_maxRate) is { } rate ? _limiter ??= new BitsRateLimiter(rate) : null,
            ResendPolicy = parsed.GetValue(_resend),
            OverrideVerb = parsed.GetValue(_overrideVerb),
            TrustedOrigins = _connection.TrustedOrigins(parsed, url),
            OnCancellation = BitsSessionAction.KeepSession,
            OnFailure = BitsSessionAction.KeepSession,
        };
        if (parsed.GetValue(_fragmentSize) is { } size)
        {
            options.FixedFragmentSize = size;
        }

        if (_connection.Timeout(parsed) is { } timeout)
        {
            SetTimeout(options, timeout);
        }

        options.Retry.MaxRetries = parsed.GetValue(_retries) ?? options.Retry.MaxRetries;
        return options;
    }

    // An answer may take as long as the user says. A connection that stalls is given up sooner, because another attempt may succeed.
    private static void SetTimeout(BitsUploadOptions options, TimeSpan timeout)
    {
        options.NoProgressTimeout = timeout;
        options.StallTimeout = timeout < options.StallTimeout ? timeout : options.StallTimeout;
        options.ResponseTimeout = timeout;
    }
}
