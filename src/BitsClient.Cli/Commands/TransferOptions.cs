using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The options of the commands that upload, and the client that they configure.</summary>
internal sealed class TransferOptions
{
    private readonly Option<int?> _fragmentSize = OptionFactory.FragmentSize();
    private readonly Option<int?> _maxRate = OptionFactory.MaxRate();
    private readonly Option<int> _parallel = OptionFactory.Parallel();
    private readonly Option<int?> _retries = OptionFactory.Retries();
    private readonly Option<BitsResendPolicy> _resend = OptionFactory.Resend();
    private readonly Option<bool> _overrideVerb = OptionFactory.OverrideVerb();
    private readonly Option<bool> _sha256 = new("--sha256")
    {
        Description = "Compute the SHA-256 of the file while it is sent, and show it; with --state, a resume also verifies that the bytes "
            + "sent so far have not changed",
    };

    private readonly ConnectionOptions _connection = new();
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Write the result of each upload to stdout as one line with a JSON object, even on failure",
    };

    private BitsRateLimiter? _limiter;

    public void AddTo(Command command)
    {
        command.Add(_fragmentSize);
        command.Add(_maxRate);
        command.Add(_parallel);
        command.Add(_retries);
        command.Add(_resend);
        command.Add(_overrideVerb);
        command.Add(_sha256);
        _connection.AddTo(command);
        command.Add(_json);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public HttpClient Open(ParseResult parsed, Terminal terminal, Uri url) =>
        _connection.Open(parsed, terminal, url, retriesUnknownHost: parsed.GetValue(_retries) is not null);

    /// <summary>How many uploads run at the same time.</summary>
    public int Parallel(ParseResult parsed) => parsed.GetValue(_parallel);

    public UploadBatch Batch(ParseResult parsed, Terminal terminal, StopSignals signals, SavedUploads? saved) =>
        new(terminal, signals, saved, IsJson(parsed), plain: _connection.ShowsPackets(parsed));

    public BitsUploadClient Client(
        ParseResult parsed, HttpClient http, Uri url, SavedUploads? saved, UploadBatch batch, bool resumesExisting = true)
    {
        BitsUploadOptions options = new()
        {
            CheckpointStore = saved?.Store,
            ResumeExisting = resumesExisting,

            // All uploads of the command share the limit.
            RateLimiter = parsed.GetValue(_maxRate) is { } rate ? _limiter ??= new BitsRateLimiter(rate) : null,
            ResendPolicy = parsed.GetValue(_resend),
            OverrideVerb = parsed.GetValue(_overrideVerb),
            ComputeSha256 = parsed.GetValue(_sha256),
            TrustedOrigins = _connection.TrustedOrigins(parsed, url),

            // The token only stops the upload; TerminalUpload cancels it with CancelAsync.
            OnCancellation = BitsSessionAction.KeepSession,

            // Without a checkpoint, the session of a failed upload could not be resumed.
            OnFailure = saved is null ? BitsSessionAction.CancelSession : BitsSessionAction.KeepSession,
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

        return new BitsUploadClient(http, options, batch.Warnings);
    }

    // An answer may take as long as the user says. A connection that stalls is given up sooner, because another attempt may succeed.
    private static void SetTimeout(BitsUploadOptions options, TimeSpan timeout)
    {
        options.NoProgressTimeout = timeout;
        options.StallTimeout = timeout < options.StallTimeout ? timeout : options.StallTimeout;
        options.ResponseTimeout = timeout;
    }
}
