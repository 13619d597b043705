using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

internal sealed class UploadCommand : Command
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file to upload" };
    private readonly Argument<Uri> _url = ServerUrl.Argument("Where it goes, file name included, as in http://server/uploads/report.zip");
    private readonly Option<string?> _reply = new("--reply")
    {
        Description = "Ask for the server's reply (upload-reply), and save it as this file",
        HelpName = "PATH",
    };

    private readonly Option<int?> _fragmentSize = UploadOptions.FragmentSize();
    private readonly Option<bool> _overrideVerb = new("--override-verb")
    {
        Description = "Send POST with X-Http-Method-Override: BITS_POST, for servers and proxies that refuse the verb",
    };

    private readonly ConnectionOptions _connection = new();
    private readonly Option<bool> _json = new("--json") { Description = "Write one JSON object on stdout when it is over, however it ended" };
    private readonly Terminal _terminal;

    public UploadCommand(Terminal terminal)
        : base("upload", "Uploads a file. Ctrl-C cancels it on the server, too; so does a failure.")
    {
        _terminal = terminal;
        Add(_file);
        Add(_url);
        Add(_reply);
        Add(_fragmentSize);
        Add(_overrideVerb);
        _connection.AddTo(this);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string file = parsed.GetRequiredValue(_file);
        Uri url = parsed.GetRequiredValue(_url);
        using ServerConnection connection = _connection.Open(parsed, _terminal);
        UploadRun run = new(
            _terminal, connection, file, ShownUrl.Of(url), json: parsed.GetValue(_json), plain: _connection.IsTraced(parsed));
        return await run.RunAsync(() => Job(connection, parsed), cancellationToken);
    }

    private BitsUploadJob Job(ServerConnection connection, ParseResult parsed)
    {
        string file = parsed.GetRequiredValue(_file);
        BitsReplyTarget? reply = parsed.GetValue(_reply) is { } path ? ReplyTo(path, file) : null;
        return Client(connection.Http, parsed).CreateJob(Open(file), parsed.GetRequiredValue(_url), reply);
    }

    // Nobody could continue the session of an upload that failed: the tool keeps no state.
    private BitsUploadClient Client(HttpClient http, ParseResult parsed)
    {
        BitsUploadOptions options = new() { OnFailure = BitsFailureAction.CancelSession, OverrideVerb = parsed.GetValue(_overrideVerb) };
        if (parsed.GetValue(_fragmentSize) is { } size)
        {
            options.FragmentSize = size;
        }

        return new BitsUploadClient(http, options);
    }

    private static BitsUploadSource Open(string file)
    {
        if (Directory.Exists(file))
        {
            throw new ToolException($"'{file}' is a folder; give a file.");
        }

        try
        {
            return BitsUploadSource.FromFile(file);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ToolException($"'{file}' cannot be uploaded. {ErrorText.Of(e)}");
        }
    }

    private static BitsReplyTarget ReplyTo(string path, string file)
    {
        try
        {
            bool isFile = Path.GetFullPath(path) == Path.GetFullPath(file);
            return isFile ? throw new ToolException("The reply would replace the file that is uploaded.") : BitsReplyTarget.ToFile(path);
        }
        catch (ArgumentException e)
        {
            throw new ToolException($"'{path}' cannot take the reply. {ErrorText.Of(e)}");
        }
    }
}
