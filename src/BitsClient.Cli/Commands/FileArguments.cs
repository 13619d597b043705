using System.CommandLine;
using System.CommandLine.Parsing;

namespace BitsClient.Cli.Commands;

/// <summary>The arguments and options that say what is uploaded, and where to.</summary>
/// <param name="description">What the files can be.</param>
internal sealed class FileArguments(string description)
{
    private readonly Argument<string[]> _paths = new("FILE")
    {
        Description = description,
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

    public void AddTo(Command command)
    {
        command.Add(_paths);
        command.Add(_url);
        command.Add(_recurse);
        command.Add(_filesFrom);
        command.Add(_reply);
        command.Validators.Add(Validate);
    }

    public Uri Url(ParseResult parsed) => parsed.GetRequiredValue(_url);

    /// <summary>Finds the files and their URLs.</summary>
    public async Task<IReadOnlyList<PlannedFile>> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        IEnumerable<string> listed = parsed.GetValue(_filesFrom) is { } list ? await FileList.ReadAsync(list, cancellationToken) : [];
        return UploadPlan.Of(parsed.GetRequiredValue(_paths).Concat(listed), Url(parsed), parsed.GetValue(_recurse));
    }

    /// <summary>The file for the server's reply; null for none.</summary>
    /// <exception cref="ToolException">There are several files.</exception>
    public string? Reply(ParseResult parsed, IReadOnlyList<PlannedFile> files)
    {
        string? reply = parsed.GetValue(_reply);
        return reply is not null && files.Count > 1
            ? throw new ToolException("--reply is for a single upload: the replies would replace each other.", ExitCode.Usage)
            : reply;
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
