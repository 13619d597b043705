using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The options of every command that uploads, and the client they make.</summary>
internal sealed class TransferOptions
{
    private readonly Option<int?> _fragmentSize = OptionFactory.FragmentSize();
    private readonly Option<bool> _overrideVerb = OptionFactory.OverrideVerb();
    private readonly Option<bool> _sha256 = new("--sha256")
    {
        Description = "Show the file's SHA-256, computed while it is sent; with --state it is saved, and a file whose bytes changed is not resumed",
    };

    private readonly ConnectionOptions _connection = new();
    private readonly Option<bool> _json = new("--json") { Description = "Write one JSON object on stdout when it is over, however it ended" };

    public void AddTo(Command command)
    {
        command.Add(_fragmentSize);
        command.Add(_overrideVerb);
        command.Add(_sha256);
        _connection.AddTo(command);
        command.Add(_json);
    }

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public HttpClient Open(ParseResult parsed, Terminal terminal) => _connection.Open(parsed, terminal);

    public UploadRun Run(ParseResult parsed, Terminal terminal, StopSignals signals, SavedUploads? saved) =>
        new(terminal, signals, saved, IsJson(parsed), plain: _connection.IsTraced(parsed));

    public BitsUploadClient Client(ParseResult parsed, HttpClient http, SavedUploads? saved, UploadRun run)
    {
        BitsUploadOptions options = new()
        {
            CheckpointStore = saved?.Store,
            OverrideVerb = parsed.GetValue(_overrideVerb),
            ComputeSha256 = parsed.GetValue(_sha256),

            // The token means that the tool has to end; a cancel is asked for by its name.
            OnCancellation = BitsSessionAction.KeepSession,

            // Without a state, nobody could go on with the session of an upload that failed.
            OnFailure = saved is null ? BitsSessionAction.CancelSession : BitsSessionAction.KeepSession,
        };
        if (parsed.GetValue(_fragmentSize) is { } size)
        {
            options.FixedFragmentSize = size;
        }

        return new BitsUploadClient(http, options, run.Warnings);
    }
}
