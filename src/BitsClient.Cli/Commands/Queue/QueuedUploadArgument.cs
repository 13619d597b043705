using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Cli.Queue;
using BitsClient.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The queue and the upload in it that a command is about.</summary>
internal sealed class QueuedUploadArgument
{
    // A machine that uploads notices what is wanted within five seconds.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    private readonly Argument<string> _id = new("ID")
    {
        Description = "The id of the upload as shown by 'queue list', or a unique prefix of it",
    };

    private readonly QueueOption _db = new();

    public void AddTo(Command command)
    {
        command.Add(_id);
        _db.AddTo(command);
    }

    /// <summary>Opens the queue, finds the upload, and runs a function with both.</summary>
    public async Task UseAsync(
        ParseResult parsed, Func<IBitsUploadQueue, BitsQueuedUpload, Task> use, CancellationToken cancellationToken)
    {
        await using OpenQueue queue = _db.Open(parsed);
        await use(queue.Uploads, await queue.FindAsync(parsed.GetRequiredValue(_id), cancellationToken));
    }

    /// <summary>An upload with its URL and what has become of it, as one line.</summary>
    public static string Line(BitsQueuedUpload upload, string state) =>
        OneLine.Of($"{upload.Id} ({ShownUrl.Of(upload.Request.Url)}): {state}");

    /// <summary>Waits for a task, and says what it waits for if it takes a while.</summary>
    public static async Task<T> WaitAsync<T>(Terminal terminal, Task<T> task, string text)
    {
        if (await Task.WhenAny(task, Task.Delay(Silence)) != task)
        {
            terminal.WriteNotice(text);
        }

        try
        {
            return await task;
        }
        catch (OperationCanceledException)
        {
            throw new WaitEndedException("Stopped waiting. 'queue list' shows what has become of the upload.");
        }
    }
}
