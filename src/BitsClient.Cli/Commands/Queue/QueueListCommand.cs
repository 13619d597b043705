using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Cli.Queue;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue list'.</summary>
internal sealed class QueueListCommand : Command
{
    private static readonly string Statuses = string.Join('|', Enum.GetValues<BitsQueueStatus>().Select(QueueWords.Of));

    private readonly QueueOption _db = new();
    private readonly Option<BitsQueueStatus?> _status = new("--status")
    {
        Description = "List only uploads with this status",
        HelpName = Statuses,
        CustomParser = result => Enum.GetValues<BitsQueueStatus>()
            .Cast<BitsQueueStatus?>().FirstOrDefault(status => QueueWords.Of(status!.Value) == result.Tokens[0].Value)
            ?? OptionFactory.AddError<BitsQueueStatus?>(result, $"--status must be one of {Statuses.Replace("|", ", ")}"),
    };

    private readonly Option<bool> _json = new("--json") { Description = "Write a JSON array with one object per upload to stdout" };
    private readonly Terminal _terminal;

    public QueueListCommand(Terminal terminal)
        : base("list", "Lists the uploads of a queue, also those that have ended and are not forgotten, oldest first.")
    {
        _terminal = terminal;
        _db.AddTo(this);
        Add(_status);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using OpenQueue queue = _db.Open(parsed);
        IReadOnlyList<BitsQueuedUpload> uploads =
            await queue.Uploads.ListAsync(parsed.GetValue(_status), int.MaxValue, cancellationToken);
        if (parsed.GetValue(_json))
        {
            await _terminal.Out.WriteLineAsync(QueuedUploadReport.ToJson(uploads.Select(QueuedUploadReport.Of)));
            return ExitCode.Done;
        }

        if (uploads.Count == 0)
        {
            _terminal.WriteNotice(parsed.GetValue(_status) is null ? "The queue is empty." : "The queue has no such uploads.");
        }

        foreach (BitsQueuedUpload upload in uploads)
        {
            await _terminal.Out.WriteLineAsync(QueuedUploadLine.Of(upload));
        }

        return ExitCode.Done;
    }
}
