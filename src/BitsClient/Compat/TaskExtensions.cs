#if NETSTANDARD
using System.Runtime.CompilerServices;

namespace BitsClient;

/// <summary>Members of tasks and streams that .NET Standard 2.0 lacks.</summary>
internal static class TaskExtensions
{
    extension(ValueTask)
    {
        public static ValueTask<T> FromResult<T>(T value) => new(value);
    }

    extension(Task)
    {
        public static Task Delay(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken) =>
            time.Delay(delay, cancellationToken);
    }

    extension(ThreadPool)
    {
        /// <summary>The preference is ignored.</summary>
        public static bool QueueUserWorkItem<T>(Action<T> work, T state, bool preferLocal) =>
            ThreadPool.QueueUserWorkItem(_ => work(state), preferLocal);
    }

    extension(Task task)
    {
        public bool IsCompletedSuccessfully => task.Status == TaskStatus.RanToCompletion;

        /// <summary>Waits for the task, or until the token fires. What awaits this does not continue on the thread that fires it.</summary>
        public async Task WaitAsync(CancellationToken cancellationToken)
        {
            if (!task.IsCompleted && cancellationToken.CanBeCanceled)
            {
                TaskCompletionSource<bool> canceled = new(TaskCreationOptions.RunContinuationsAsynchronously);
                using CancellationTokenRegistration registration = cancellationToken.Register(() => canceled.TrySetResult(true));
                if (await Task.WhenAny(task, canceled.Task).ConfigureAwait(false) != task)
                {
                    throw new OperationCanceledException(cancellationToken);
                }
            }

            await task.ConfigureAwait(false);
        }
    }

    extension<T>(Task<T> task)
    {
        public async Task<T> WaitAsync(CancellationToken cancellationToken)
        {
            await ((Task)task).WaitAsync(cancellationToken).ConfigureAwait(false);
            return await task.ConfigureAwait(false);
        }
    }

    extension(CancellationTokenSource source)
    {
        /// <summary>
        /// Cancels at once, and calls back on another thread. Not on one of the thread pool, which may have none to spare: to wait for it
        /// could take forever.
        /// </summary>
        public Task CancelAsync()
        {
            if (source.IsCancellationRequested)
            {
                return Task.CompletedTask;
            }

            Task canceling = Task.Factory.StartNew(
                source.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            SpinWait spin = default;
            while (!source.IsCancellationRequested && !canceling.IsCompleted)
            {
                spin.SpinOnce();
            }

            return canceling;
        }
    }

    extension(FileStream file)
    {
        /// <summary>Disposes of the file at the end of a block: it has no asynchronous disposal there.</summary>
        public ConfiguredAsyncDisposable ConfigureAwait(bool continueOnCapturedContext) =>
            new AsyncDisposal(file).ConfigureAwait(continueOnCapturedContext);
    }

    private sealed class AsyncDisposal(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return default;
        }
    }
}
#endif
