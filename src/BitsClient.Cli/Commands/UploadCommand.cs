using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'upload'.</summary>
internal sealed class UploadCommand : Command
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file to upload" };
    private readonly Argument<Uri> _url = ServerUrl.OfFile(
        "The destination, including the file name, for example http://server/uploads/report.zip");

    private readonly Option<string?> _reply = new("--reply")
    {
        Description = "Request the server's reply (upload-reply), and save it to this file",
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
        : base("upload", "Uploads a file. Ctrl-C cancels the session on the server; so does a failure, unless --state is specified.")
    {
        _terminal = terminal;
        _signals = signals;
        Add(_file);
        Add(_url);
        Add(_reply);
        Add(_state);
        Add(_new);
        Add(_description);
        _transfer.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string file = parsed.GetRequiredValue(_file);
        Uri url = parsed.GetRequiredValue(_url);
        SavedUploads? saved = parsed.GetValue(_state);
        using HttpClient http = _transfer.Open(parsed, _terminal, url);
        TerminalUpload run = _transfer.Run(parsed, _terminal, _signals, saved);
        return await run.RunAsync(new UploadSubject { File = file, Url = ShownUrl.Of(url) }, async () =>
        {
            BitsReplyTarget? reply = parsed.GetValue(_reply) is { } path ? LocalFiles.Reply(path, file) : null;
            BitsUploadClient client = _transfer.Client(parsed, http, url, saved, run, resumesExisting: !parsed.GetValue(_new));
            BitsJobOptions options = new() { Description = parsed.GetValue(_description) };
            IBitsUploadJob job = await client.CreateOrResumeJobAsync(LocalFiles.Source(file), url, reply, options, cancellationToken);
            if (job.Checkpoint is { NeedsNewSession: false } checkpoint)
            {
                string share = ProgressText.Share(checkpoint.BytesAcknowledged, checkpoint.BytesTotal);
                run.Notice($"Continuing the upload {job.Id}: {share.TrimStart()}");
            }

            return job;
        });
    }
}
