using System.CommandLine;
using System.CommandLine.Parsing;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'resume'.</summary>
internal sealed class ResumeCommand : Command
{
    private readonly Argument<string?> _id = new("ID")
    {
        Description = "The id of the upload as shown by 'list', or a unique prefix of it",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _all = new("--all")
    {
        Description = "Resume all uploads in the folder; a file that has changed is uploaded anew",
    };

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
        Add(_all);
        Add(_state);
        Add(_file);
        _transfer.AddTo(this);
        Validators.Add(Validate);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        SavedUploads saved = parsed.GetRequiredValue(_state)!;
        UploadBatch batch = _transfer.Batch(parsed, _terminal, _signals, saved);
        List<HttpClient> clients = [];
        try
        {
            if (parsed.GetValue(_id) is { } id)
            {
                return await batch.RunAsync(Plan(await FindAsync(parsed, saved, id, cancellationToken)));
            }

            IReadOnlyList<BitsStoredCheckpoint> entries = await saved.Store.ListAsync(cancellationToken);
            if (entries.Count == 0)
            {
                _terminal.WriteNotice(saved.NothingSaved);
            }

            PlannedUpload[] uploads = [.. entries.Select(entry => entry.Checkpoint is { } known ? Plan(known) : Unreadable(entry))];
            return await batch.RunAsync(uploads, _transfer.Parallel(parsed));
        }
        finally
        {
            clients.ForEach(http => http.Dispose());
        }

        PlannedUpload Plan(BitsUploadCheckpoint checkpoint)
        {
            HttpClient http = _transfer.Open(parsed, _terminal, checkpoint.Url);
            clients.Add(http);
            return this.Plan(parsed, checkpoint, _transfer.Client(parsed, http, checkpoint.Url, saved, batch), cancellationToken);
        }
    }

    // An upload that cannot be resumed does not prevent the others from being resumed.
    private static PlannedUpload Unreadable(BitsStoredCheckpoint entry)
    {
        UploadSubject subject = new() { File = SavedUploads.IdOf(entry), Url = null };
        return new PlannedUpload(subject, 0, () => throw new ToolException(entry.Error!.Message));
    }

    private PlannedUpload Plan(
        ParseResult parsed, BitsUploadCheckpoint checkpoint, BitsUploadClient client, CancellationToken cancellationToken)
    {
        string file = parsed.GetValue(_file) ?? checkpoint.Source?.Path ?? "";
        UploadSubject subject = new()
        {
            File = file,
            Url = ShownUrl.Of(checkpoint.Url),
            Id = checkpoint.Id,
            Session = checkpoint.SessionId,
        };
        return new PlannedUpload(subject, checkpoint.BytesTotal, async () =>
        {
            if (!Path.Exists(file))
            {
                throw new ToolException(file.Length == 0
                    ? "The checkpoint does not contain the path of the file; specify it with --file."
                    : $"There is no file '{file}'. If it was moved, specify its new path with --file.");
            }

            BitsReplyTarget? reply = checkpoint.ReplyPath is { } path ? LocalFiles.Reply(path, file) : null;
            return parsed.GetValue(_all)
                ? await client.CreateOrResumeJobAsync(checkpoint, reply: reply, cancellationToken: cancellationToken)
                : client.ResumeJob(checkpoint, LocalFiles.Source(file), reply);
        });
    }

    private async Task<BitsUploadCheckpoint> FindAsync(
        ParseResult parsed, SavedUploads saved, string id, CancellationToken cancellationToken)
    {
        try
        {
            return await saved.FindAsync(id, cancellationToken);
        }
        catch (Exception e) when (_transfer.IsJson(parsed))
        {
            await _terminal.Out.WriteLineAsync(UploadReport.Of(subject: null, e).ToJson());
            throw;
        }
    }

    private void Validate(CommandResult result)
    {
        bool all = result.GetValue(_all);
        if (result.GetValue(_id) is null != all)
        {
            result.AddError("Specify either the ID of an upload or --all");
        }
        else if (all && result.GetResult(_file) is not null)
        {
            result.AddError("--file requires the ID of an upload");
        }
    }
}
