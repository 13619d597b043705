using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

internal sealed class ResumeCommand : Command
{
    private readonly Argument<string> _id = new("ID") { Description = "The upload, as 'list' shows it, or the beginning of its id" };
    private readonly Option<SavedUploads?> _state = OptionFactory.State("The folder with its state", required: true);
    private readonly Option<string?> _file = new("--file")
    {
        Description = "Where the file is now, if it was moved",
        HelpName = "PATH",
    };

    private readonly TransferOptions _transfer = new();
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;

    public ResumeCommand(Terminal terminal, StopSignals signals)
        : base("resume", "Goes on with an upload that has ended early. Headers, user, fragment size and verb are not saved: give them again.")
    {
        _terminal = terminal;
        _signals = signals;
        Add(_id);
        Add(_state);
        Add(_file);
        _transfer.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        SavedUploads saved = parsed.GetRequiredValue(_state)!;
        BitsUploadCheckpoint state = await FindAsync(parsed, saved, cancellationToken);
        string file = parsed.GetValue(_file) ?? state.Source?.Path ?? "";
        UploadSubject subject = new() { File = file, Url = ShownUrl.Of(state.Url), Id = state.Id, Session = state.SessionId };
        using HttpClient http = _transfer.Open(parsed, _terminal);
        UploadRun run = _transfer.Run(parsed, _terminal, _signals, saved);
        return await run.RunAsync(subject, () =>
        {
            if (!Path.Exists(file))
            {
                throw new ToolException(file.Length == 0
                    ? "The file's path is not saved; give it with --file."
                    : $"There is no '{file}'. If it was moved, give its path with --file.");
            }

            BitsReplyTarget? reply = state.ReplyPath is { } path ? LocalFiles.Reply(path, file) : null;
            return _transfer.Client(parsed, http, saved, run).ResumeJob(state, LocalFiles.Source(file), reply);
        });
    }

    private async Task<BitsUploadCheckpoint> FindAsync(ParseResult parsed, SavedUploads saved, CancellationToken cancellationToken)
    {
        try
        {
            return await saved.FindAsync(parsed.GetRequiredValue(_id), cancellationToken);
        }
        catch (Exception e) when (_transfer.IsJson(parsed))
        {
            await _terminal.Out.WriteLineAsync(UploadReport.Of(subject: null, e).ToJson());
            throw;
        }
    }
}
