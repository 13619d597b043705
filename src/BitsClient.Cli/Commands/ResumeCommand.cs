using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'resume'.</summary>
internal sealed class ResumeCommand : Command
{
    private readonly Argument<string> _id = new("ID") { Description = "The id of the upload as shown by 'list', or a unique prefix of it" };
    private readonly Option<SavedUploads?> _state = OptionFactory.State("The folder with the saved checkpoint", required: true);
    private readonly Option<string?> _file = new("--file")
    {
        Description = "The new path of the file, if it was moved",
        HelpName = "PATH",
    };

    private readonly TransferOptions _transfer = new();
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;

    public ResumeCommand(Terminal terminal, StopSignals signals)
        : base(
            "resume",
            "Resumes a saved upload. Headers, user, trusted hosts, fragment size, --resend and --override-verb are not saved: specify them "
                + "again.")
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
        BitsUploadCheckpoint checkpoint = await FindAsync(parsed, saved, cancellationToken);
        string file = parsed.GetValue(_file) ?? checkpoint.Source?.Path ?? "";
        UploadSubject subject = new()
        {
            File = file,
            Url = ShownUrl.Of(checkpoint.Url),
            Id = checkpoint.Id,
            Session = checkpoint.SessionId,
        };
        using HttpClient http = _transfer.Open(parsed, _terminal, checkpoint.Url);
        UploadRun run = _transfer.Run(parsed, _terminal, _signals, saved);
        return await run.RunAsync(subject, () =>
        {
            if (!Path.Exists(file))
            {
                throw new ToolException(file.Length == 0
                    ? "The checkpoint does not contain the path of the file; specify it with --file."
                    : $"There is no file '{file}'. If it was moved, specify its new path with --file.");
            }

            BitsReplyTarget? reply = checkpoint.ReplyPath is { } path ? LocalFiles.Reply(path, file) : null;
            return _transfer.Client(parsed, http, checkpoint.Url, saved, run).ResumeJob(checkpoint, LocalFiles.Source(file), reply);
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
