using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace BitsClient.Tests.Support;

/// <summary>
/// A thread with its own synchronization context, like a UI thread, on which a caller blocks on a task. A continuation posted to it would
/// never run; here it is recorded and runs elsewhere, so that a test fails instead of hanging.
/// </summary>
internal sealed class BlockedThread : SynchronizationContext
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly ConcurrentQueue<string> _posts = new();
    private TaskCompletionSource? _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The continuations that were posted to this thread.</summary>
    public IReadOnlyCollection<string> Posts => _posts;

    /// <summary>Runs the scenario on a new thread and waits until it ends.</summary>
    public void Run(Action scenario)
    {
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            SetSynchronizationContext(this);
            try
            {
                scenario();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        if (!thread.Join(3 * Longest))
        {
            throw new TimeoutException($"The thread does not end. Posted to it: {string.Join(", ", _posts)}");
        }

        failure?.Throw();
    }

#pragma warning disable VSTHRD002 // This type exists to block.
    /// <summary>Called on the thread itself: blocks, like a caller that cannot await.</summary>
    public T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.Result;
    }

    /// <inheritdoc cref="Wait{T}" />
    public void Wait(Task task)
    {
        Block();
        try
        {
            if (Task.WaitAny([task], Longest) < 0)
            {
                throw new TimeoutException($"The task does not complete. Posted to the thread: {string.Join(", ", _posts)}");
            }
        }
        finally
        {
            lock (_gate)
            {
                _blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        task.GetAwaiter().GetResult();
    }
#pragma warning restore VSTHRD002

    /// <summary>Completes when the thread blocks, never before this call has returned.</summary>
    public async Task WhenBlockedAsync()
    {
        Task blocked;
        lock (_gate)
        {
            blocked = _blocked?.Task ?? Task.CompletedTask;
        }

        await blocked.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        _posts.Enqueue(Describe(state));
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                SetSynchronizationContext(this);
                d(state);
            },
            null);
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        _posts.Enqueue(Describe(state));
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    private void Block()
    {
        lock (_gate)
        {
            _blocked?.SetResult();
            _blocked = null;
        }
    }

    // The async method is a type argument of the continuation's type.
    private static string Describe(object? state)
    {
        Type? type = (state as Delegate)?.Target?.GetType() ?? state?.GetType();
        return type?.GenericTypeArguments.LastOrDefault()?.FullName ?? type?.FullName ?? "something";
    }
}
