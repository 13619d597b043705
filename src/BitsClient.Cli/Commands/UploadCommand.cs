using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'upload'.</summary>
internal sealed class UploadCommand : Command
{
    private readonly FileArguments _files = new(
        "The files to upload, patterns such as *.log, folders with --recurse, or - for stdin");

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
        _files.AddTo(this);
        Add(_state);
        Add(_new);
        Add(_description);
        _transfer.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Uri url = _files.Url(parsed);
        IReadOnlyList<PlannedFile> files = await _files.PlanAsync(parsed, cancellationToken);
        string? reply = _files.Reply(parsed, files);
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
        PlannedUpload[] uploads = [.. files.Select(file => Plan(parsed, file, reply, client, batch, cancellationToken))];
        return await batch.RunAsync(uploads, _transfer.Parallel(parsed));
    }

    private PlannedUpload Plan(
        ParseResult parsed, PlannedFile file, string? reply, BitsUploadClient client, UploadBatch batch,
        CancellationToken cancellationToken)
    {
        UploadSubject subject = new() { File = file.Path, Url = ShownUrl.Of(file.Url) };
        return new PlannedUpload(subject, LocalFiles.LengthOf(file.Path), async () =>
        {
            BitsReplyTarget? target = reply is null ? null : LocalFiles.Reply(reply, file.Path);
            BitsJobOptions options = new() { Description = parsed.GetValue(_description) };
            BitsUploadSource source = await LocalFiles.SourceAsync(file.Path, cancellationToken);
            IBitsUploadJob job = await client.CreateOrResumeJobAsync(source, file.Url, target, options, cancellationToken);
            if (job.Checkpoint is { NeedsNewSession: false } checkpoint)
            {
                string share = ProgressText.Share(checkpoint.BytesAcknowledged, checkpoint.BytesTotal);
                batch.Notice($"Continuing the upload {job.Id}: {share.TrimStart()}");
            }

            return job;
        });
    }
}
