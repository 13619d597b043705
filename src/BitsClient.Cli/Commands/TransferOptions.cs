using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The options of the commands that upload in the foreground, and the client that they configure.</summary>
internal sealed class TransferOptions
{
    private readonly Option<bool> _sha256 = new("--sha256")
    {
        Description = "Compute the SHA-256 of the file while it is sent, and show it; with --state, a resume also verifies that the bytes "
            + "sent so far have not changed",
    };

    private readonly ClientOptions _client = new();
    private readonly Option<bool> _json = new("--json")
    {
        Description = "Write the result of each upload to stdout as one line with a JSON object, even on failure",
    };

    public void AddTo(Command command)
    {
        command.Add(_sha256);
        _client.AddTo(command);
        command.Add(_json);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public HttpClient Open(ParseResult parsed, Terminal terminal, Uri url) => _client.Open(parsed, terminal, url);

    /// <summary>How many uploads run at the same time.</summary>
    public int Parallel(ParseResult parsed) => _client.Parallel(parsed);

    public UploadBatch Batch(ParseResult parsed, Terminal terminal, StopSignals signals, SavedUploads? saved) =>
        new(terminal, signals, saved, IsJson(parsed), plain: _client.ShowsPackets(parsed));

    /// <summary>Creates a client. Its token only stops an upload; <see cref="TerminalUpload"/> cancels it with CancelAsync.</summary>
    public BitsUploadClient Client(
        ParseResult parsed, HttpClient http, Uri url, SavedUploads? saved, UploadBatch batch, bool resumesExisting = true)
    {
        BitsUploadOptions options = _client.Options(parsed, url);
        options.CheckpointStore = saved?.Store;
        options.ResumeExisting = resumesExisting;
        options.ComputeSha256 = parsed.GetValue(_sha256);
        if (saved is null)
        {
            // Without a checkpoint, the session of a failed upload could not be resumed.
            options.OnFailure = BitsSessionAction.CancelSession;
        }

        return new BitsUploadClient(http, options, batch.Warnings);
    }
}
