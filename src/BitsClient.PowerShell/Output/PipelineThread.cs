using System.Runtime.ExceptionServices;

namespace BitsClient.PowerShell.Output;

/// <summary>
/// The thread of a cmdlet, the only one that may write to its streams: while it waits for a task, it writes what other threads post.
/// </summary>
internal sealed class PipelineThread
{
    private readonly Queue<Action> _posted = new();

    /// <summary>Lets the thread of the cmdlet write something. Can be called on any thread.</summary>
    public void Post(Action write)
    {
        lock (_posted)
        {
            _posted.Enqueue(write);
            Monitor.Pulse(_posted);
        }
    }

    /// <summary>Waits until a task has ended, and returns its result.</summary>
    /// <param name="task">The task.</param>
    /// <param name="stop">
    /// Makes the task end soon. Called if a write throws, because PowerShell then ends the cmdlet: after Ctrl-C, or with
    /// <c>-WarningAction Stop</c>.
    /// </param>
    public T Wait<T>(Task<T> task, Action stop)
    {
        _ = task.ContinueWith(
            _ => Post(() => { }), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ExceptionDispatchInfo? failure = null;
        while (Next(task) is { } write)
        {
            try
            {
                if (failure is null)
                {
                    write();
                }
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
                stop();
            }
        }

        if (failure is not null)
        {
            Discard(task);
            failure.Throw();
        }

        return task.GetAwaiter().GetResult();
    }

    // A job, for example, has opened a file. Nobody else gets it.
    private static void Discard<T>(Task<T> task)
    {
        if (task.Status is TaskStatus.RanToCompletion && task.Result is IAsyncDisposable result)
        {
            result.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    // Null when the task has ended and everything that was posted is written.
    private Action? Next(Task task)
    {
        lock (_posted)
        {
            while (_posted.Count == 0 && !task.IsCompleted)
            {
                Monitor.Wait(_posted);
            }

            return _posted.Count > 0 ? _posted.Dequeue() : null;
        }
    }
}
