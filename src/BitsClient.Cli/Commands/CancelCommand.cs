using System.CommandLine;
using System.CommandLine.Parsing;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'cancel'.</summary>
internal sealed class CancelCommand : Command
{
    private readonly Argument<string?> _id = new("ID")
    {
        Description = "The id of the upload as shown by 'list', or a unique prefix of it",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _all = new("--all") { Description = "Cancel all uploads in the folder" };
    private readonly Option<TimeSpan?> _olderThan = OptionFactory.OlderThan(
        "With --all: cancel only uploads that were last updated this long ago or longer");

    private readonly Option<bool> _forget = new("--forget")
    {
        Description = "Delete the checkpoints without sending anything; sessions that are still open stay on the server until they expire",
    };

    private readonly Option<SavedUploads?> _state = OptionFactory.State("The folder with the saved checkpoints", required: true);
    private readonly Option<bool> _overrideVerb = OptionFactory.OverrideVerb();
    private readonly ConnectionOptions _connection = new();
    private readonly Terminal _terminal;

    public CancelCommand(Terminal terminal)
        : base("cancel", "Cancels saved uploads: their sessions on the server and their checkpoints in the folder. Does not need the file.")
    {
        _terminal = terminal;
        Add(_id);
        Add(_all);
        Add(_olderThan);
        Add(_forget);
        Add(_state);
        Add(_overrideVerb);
        _connection.AddTo(this);
        Validators.Add(Validate);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        SavedUploads saved = parsed.GetRequiredValue(_state)!;
        SavedUploadsCancel cancel = new(
            _terminal, saved, url => _connection.Open(parsed, _terminal, url), (http, url) => Client(parsed, saved, http, url),
            parsed.GetValue(_forget));
        bool isDone = parsed.GetValue(_id) is { } id
            ? await cancel.CancelAsync(await saved.FindAsync(id, cancellationToken))
            : await cancel.CancelAllAsync(parsed.GetValue(_olderThan) ?? TimeSpan.Zero, cancellationToken);
        return isDone ? ExitCode.Done : ExitCode.Failed;
    }

    private BitsUploadClient Client(ParseResult parsed, SavedUploads saved, HttpClient http, Uri url)
    {
        BitsUploadOptions options = new()
        {
            CheckpointStore = saved.Store,
            OverrideVerb = parsed.GetValue(_overrideVerb),
            TrustedOrigins = _connection.TrustedOrigins(parsed, url),
        };
        options.CancelTimeout = _connection.Timeout(parsed) ?? options.CancelTimeout;
        return new BitsUploadClient(http, options, new WarningLog(text => _terminal.WriteNotice(ToolWords.Of(text)), ignored: []));
    }

    private void Validate(CommandResult result)
    {
        bool all = result.GetValue(_all);
        if (result.GetValue(_id) is null != all)
        {
            result.AddError("Specify either the ID of an upload or --all");
        }
        else if (!all && result.GetResult(_olderThan) is not null)
        {
            result.AddError("--older-than requires --all");
        }
    }
}
