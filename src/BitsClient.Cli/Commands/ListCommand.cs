using System.CommandLine;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'list'.</summary>
internal sealed class ListCommand : Command
{
    private readonly Option<SavedUploads?> _state = OptionFactory.State("The folder with the saved checkpoints", required: true);
    private readonly Option<bool> _json = new("--json") { Description = "Write a JSON array with one object per upload to stdout" };
    private readonly Terminal _terminal;

    public ListCommand(Terminal terminal)
        : base("list", "Lists the saved uploads, which can be resumed or canceled, oldest first. Does not connect to a server.")
    {
        _terminal = terminal;
        Add(_state);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        SavedUploads saved = parsed.GetRequiredValue(_state)!;
        IReadOnlyList<BitsStoredCheckpoint> entries = await saved.Store.ListAsync(cancellationToken);
        if (parsed.GetValue(_json))
        {
            await _terminal.Out.WriteLineAsync(SavedUploadReport.ToJson(entries.Select(SavedUploadReport.Of)));
            return ExitCode.Done;
        }

        if (entries.Count == 0)
        {
            _terminal.WriteNotice(saved.NothingSaved);
        }

        foreach (BitsStoredCheckpoint entry in entries)
        {
            await _terminal.Out.WriteLineAsync(SavedUploadLine.Of(entry));
        }

        return ExitCode.Done;
    }
}
