using System.CommandLine;
using System.CommandLine.Parsing;
using BitsClient.Cli.Output;
using BitsClient.Cli.Queue;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue forget'.</summary>
internal sealed class QueueForgetCommand : Command
{
    private readonly Argument<string?> _id = new("ID")
    {
        Description = "The id of the upload as shown by 'queue list', or a unique prefix of it",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly QueueOption _db = new();
    private readonly Option<bool> _all = new("--all") { Description = "Forget all uploads that have ended and have no open session" };
    private readonly Option<TimeSpan?> _olderThan =
        OptionFactory.OlderThan("With --all: forget only uploads that ended this long ago or longer");

    private readonly Terminal _terminal;

    public QueueForgetCommand(Terminal terminal)
        : base("forget", "Removes uploads that have ended from a queue, which keeps them until then.")
    {
        _terminal = terminal;
        Add(_id);
        _db.AddTo(this);
        Add(_all);
        Add(_olderThan);
        Validators.Add(Validate);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using OpenQueue queue = _db.Open(parsed);
        if (parsed.GetValue(_id) is { } id)
        {
            BitsQueuedUpload upload = await queue.FindAsync(id, cancellationToken);
            await queue.Uploads.ForgetAsync(upload.Id, cancellationToken);
            await _terminal.Out.WriteLineAsync(QueuedUploadArgument.Line(upload, "forgotten"));
        }
        else
        {
            int count = await queue.Uploads.PurgeAsync(parsed.GetValue(_olderThan) ?? TimeSpan.Zero, cancellationToken);
            await _terminal.Out.WriteLineAsync($"{UploadSummary.Count(count, "upload")} forgotten");
        }

        return ExitCode.Done;
    }

    private void Validate(CommandResult result)
    {
        bool all = result.GetValue(_all);
        if (result.GetValue(_id) is null != all)
        {
            result.AddError("Specify either the ID of an upload or --all");
        }
        else if (!all && result.GetResult(_olderThan) is not null)
        {
            result.AddError("--older-than requires --all");
        }
    }
}
