using System.CommandLine;
using System.CommandLine.Parsing;
using BitsClient.Cli.Output;
using BitsClient.Cli.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The option that says which queue a command uses.</summary>
internal sealed class QueueOption
{
    private readonly Option<QueueLocation?> _location = new(QueueLocation.OptionName)
    {
        Description = "The queue: a file on this machine (SQLite), or a connection string of PostgreSQL, such as "
            + "\"Host=db;Database=uploads;Username=uploader\". Default: the environment variable "
            + $"{QueueLocation.Variable}, where a password belongs",
        HelpName = "DB",
        CustomParser = result => Parse(result.Tokens[0].Value, QueueLocation.OptionName, result.AddError),
    };

    private QueueLocation? _ofVariable;

    public void AddTo(Command command)
    {
        command.Add(_location);
        command.Validators.Add(Validate);
    }

    public QueueLocation Location(ParseResult parsed) => parsed.GetValue(_location) ?? _ofVariable!;

    /// <summary>Says so if the queue is a file that does not exist yet: it could be a typo.</summary>
    public void TellIfNew(ParseResult parsed, Terminal terminal)
    {
        if (Location(parsed).File is { } file && !File.Exists(file))
        {
            terminal.WriteNotice($"There is no queue '{file}' yet. It will be created.");
        }
    }

    public OpenQueue Open(ParseResult parsed, bool creates = false) => new(Location(parsed), creates);

    // The messages do not show the value, which can contain a password.
    private static QueueLocation? Parse(string text, string name, Action<string> addError)
    {
        try
        {
            return QueueLocation.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            string reason = e.Message.Split(" (Parameter")[0].TrimEnd('.').Replace(
                "Couldn't set ", "the connection string has an unknown key, or a value that it cannot have: ", StringComparison.Ordinal);
            addError($"{name} cannot be used: {reason}");
            return null;
        }
    }

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_location) is not null)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable(QueueLocation.Variable) is { Length: > 0 } text)
        {
            _ofVariable = Parse(text, QueueLocation.Variable, result.AddError);
        }
        else
        {
            result.AddError($"Specify the queue with {QueueLocation.OptionName}, or in the environment variable {QueueLocation.Variable}");
        }
    }
}
