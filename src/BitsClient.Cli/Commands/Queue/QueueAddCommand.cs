using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BitsClient.Cli.Output;
using BitsClient.Cli.Queue;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue add'.</summary>
internal sealed class QueueAddCommand : Command
{
    // With a time zone or without: then it is that of this machine.
    private static readonly string[] TimeFormats =
        ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd"];

    private readonly FileArguments _files = new("The files to upload, patterns such as *.log, or folders with --recurse");
    private readonly QueueOption _db = new();
    private readonly Option<BitsUploadPriority?> _priority = new("--priority")
    {
        Description = "What is uploaded first, of all that waits. Default: normal",
        HelpName = "foreground|high|normal|low",
        CustomParser = result => Enum.GetValues<BitsUploadPriority>()
            .Cast<BitsUploadPriority?>().FirstOrDefault(priority => QueueWords.Of(priority!.Value) == result.Tokens[0].Value)
            ?? OptionFactory.AddError<BitsUploadPriority?>(result, "--priority must be foreground, high, normal or low"),
    };

    private readonly Option<string?> _name = Text("--name", "A name for the uploads, which 'queue list' shows");
    private readonly Option<string?> _description = Text("--description", "What the uploads are");
    private readonly Option<DateTimeOffset?> _notBefore = new("--not-before")
    {
        Description = "When the uploads may begin, by the clock of the database, for example 2026-12-31T22:00 (local time) or "
            + "2026-12-31T22:00Z",
        HelpName = "TIME",
        CustomParser = result => DateTimeOffset.TryParseExact(
            result.Tokens[0].Value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time)
            ? time
            : OptionFactory.AddError<DateTimeOffset?>(
                result, "--not-before must be a date and a time, for example 2026-12-31T22:00 or 2026-12-31T22:00Z"),
    };

    private readonly Option<string?> _client = new("--client")
    {
        Description = "The name of the upload client in a service of your own. Default: the one without a name, which 'queue run' uses",
        HelpName = "NAME",
    };

    private readonly Terminal _terminal;

    public QueueAddCommand(Terminal terminal)
        : base("add", "Adds uploads to a queue, writes the id of each to stdout, and returns. The files are read when they are uploaded.")
    {
        _terminal = terminal;
        _files.AddTo(this);
        _db.AddTo(this);
        Add(_priority);
        Add(_name);
        Add(_description);
        Add(_notBefore);
        Add(_client);
        Validators.Add(Validate);
        SetAction(RunAsync);
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description, HelpName = "TEXT" };

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        IReadOnlyList<PlannedFile> files = await _files.PlanAsync(parsed, cancellationToken);
        string? reply = _files.Reply(parsed, files);
        BitsUploadRequest[] requests = [.. files.Select(file => Request(parsed, file, reply))];
        if (requests.Length == 0)
        {
            _terminal.WriteNotice("There are no files to upload.");
        }

        _db.TellIfNew(parsed, _terminal);
        await using OpenQueue queue = _db.Open(parsed, creates: true);
        foreach (BitsUploadRequest request in requests)
        {
            Guid id = await queue.Uploads.EnqueueAsync(request, cancellationToken);
            await _terminal.Out.WriteLineAsync($"{id}");
        }

        return ExitCode.Done;
    }

    // What cannot be uploaded is refused before anything is added.
    private BitsUploadRequest Request(ParseResult parsed, PlannedFile file, string? reply)
    {
        if (file.Path == UploadPlan.Stdin)
        {
            throw new ToolException("What is read from stdin cannot be uploaded later. Add files.", ExitCode.Usage);
        }

        if (!Path.Exists(file.Path))
        {
            throw new ToolException($"There is no file '{file.Path}'.");
        }

        LocalFiles.Source(file.Path).Dispose();
        if (reply is not null)
        {
            LocalFiles.Reply(reply, file.Path);
        }

        return new BitsUploadRequest
        {
            Path = file.Path,
            Url = file.Url,
            ReplyPath = reply,
            Priority = parsed.GetValue(_priority) ?? BitsUploadPriority.Normal,
            DisplayName = parsed.GetValue(_name),
            Description = parsed.GetValue(_description),
            NotBefore = parsed.GetValue(_notBefore),
            ClientName = parsed.GetValue(_client) ?? "",
        };
    }

    private static void Validate(CommandResult result)
    {
        if (UrlUser.Of(result) is not null)
        {
            result.AddError("A user in the URL is not stored in a queue: specify --user with 'queue run'");
        }
    }
}
