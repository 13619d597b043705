using System.CommandLine;
using System.CommandLine.Parsing;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'upload'.</summary>
internal sealed class UploadCommand : Command
{
    private readonly Argument<string[]> _paths = new("FILE")
    {
        Description = "The files to upload, patterns such as *.log, folders with --recurse, or - for stdin",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = AllButTheLast,
    };

    private readonly Argument<Uri> _url = ServerUrl.Argument(
        "The destination: the URL of the file, for example http://server/uploads/report.zip, or that of a folder with '/' at the end, to "
        + "which the names of the files are added");

    private readonly Option<bool> _recurse = new("--recurse")
    {
        Description = "Upload the files in folders and in their subfolders; the URL of each file has its path in the folder",
    };

    private readonly Option<string?> _filesFrom = new("--files-from")
    {
        Description = "Read the files to upload from this file, one per line; - for stdin",
        HelpName = "FILE",
    };

    private readonly Option<string?> _reply = new("--reply")
    {
        Description = "Request the server's reply (upload-reply), and save it to this file; for a single upload",
        HelpName = "PATH",
    };

    private readonly Option<SavedUploads?> _state = OptionFactory.State(
        "Save checkpoints of the upload in this folder, so that 'resume' can continue it after a failure, a crash, SIGTERM or SIGHUP",
        required: false);

    private readonly Option<bool> _new = new("--new")
    {
        Description = "With --state, begin a new upload even if the folder has an unfinished one of the same file to the same URL",
    };

    private readonly Option<string?> _description = new("--description")
    {
        Description = "With --state, what the upload is; 'list' shows it",
        HelpName = "TEXT",
    };

    private readonly TransferOptions _transfer = new();
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;

    public UploadCommand(Terminal terminal, StopSignals signals)
        : base("upload", "Uploads files. Ctrl-C cancels their sessions on the server; so does a failure, unless --state is specified.")
    {
        _terminal = terminal;
        _signals = signals;
        Add(_paths);
        Add(_url);
        Add(_recurse);
        Add(_filesFrom);
        Add(_reply);
        Add(_state);
        Add(_new);
        Add(_description);
        _transfer.AddTo(this);
        Validators.Add(Validate);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Uri url = parsed.GetRequiredValue(_url);
        IEnumerable<string> listed = parsed.GetValue(_filesFrom) is { } list ? await FileList.ReadAsync(list, cancellationToken) : [];
        IReadOnlyList<PlannedFile> files = UploadPlan.Of(parsed.GetRequiredValue(_paths).Concat(listed), url, parsed.GetValue(_recurse));
        if (parsed.GetValue(_reply) is not null && files.Count > 1)
        {
            throw new ToolException("--reply is for a single upload: the replies would replace each other.", ExitCode.Usage);
        }

        SavedUploads? saved = parsed.GetValue(_state);
        if (saved is not null && files.Any(file => file.Path == UploadPlan.Stdin))
        {
            throw new ToolException("What is read from stdin cannot be resumed. Use --state with files.", ExitCode.Usage);
        }

        if (files.Count == 0)
        {
            _terminal.WriteNotice("There are no files to upload.");
        }

        using HttpClient http = _transfer.Open(parsed, _terminal, url);
        UploadBatch batch = _transfer.Batch(parsed, _terminal, _signals, saved);
        BitsUploadClient client = _transfer.Client(parsed, http, url, saved, batch, resumesExisting: !parsed.GetValue(_new));
        PlannedUpload[] uploads = [.. files.Select(file => Plan(parsed, file, client, batch, cancellationToken))];
        return await batch.RunAsync(uploads, _transfer.Parallel(parsed));
    }

    private PlannedUpload Plan(
        ParseResult parsed, PlannedFile file, BitsUploadClient client, UploadBatch batch, CancellationToken cancellationToken)
    {
        UploadSubject subject = new() { File = file.Path, Url = ShownUrl.Of(file.Url) };
        return new PlannedUpload(subject, LocalFiles.LengthOf(file.Path), async () =>
        {
            BitsReplyTarget? reply = parsed.GetValue(_reply) is { } path ? LocalFiles.Reply(path, file.Path) : null;
            BitsJobOptions options = new() { Description = parsed.GetValue(_description) };
            BitsUploadSource source = await LocalFiles.SourceAsync(file.Path, cancellationToken);
            IBitsUploadJob job = await client.CreateOrResumeJobAsync(source, file.Url, reply, options, cancellationToken);
            if (job.Checkpoint is { NeedsNewSession: false } checkpoint)
            {
                string share = ProgressText.Share(checkpoint.BytesAcknowledged, checkpoint.BytesTotal);
                batch.Notice($"Continuing the upload {job.Id}: {share.TrimStart()}");
            }

            return job;
        });
    }

    // The last argument is the URL.
    private static string[] AllButTheLast(ArgumentResult result)
    {
        int count = Math.Max(0, result.Tokens.Count - 1);
        string[] paths = [.. result.Tokens.Take(count).Select(token => token.Value)];
        result.OnlyTake(count);
        return paths;
    }

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_filesFrom) is null && result.GetValue(_paths) is null or { Length: 0 })
        {
            result.AddError("Specify at least one file and a URL");
        }
    }
}
