using BitsClient.Content;

namespace BitsClient.Tests.Content;

public sealed class SourceReadsTests
{
    [Test]
    public async Task Reads_are_awaited_one_after_another()
    {
        using SourceReads reads = new(CancellationToken.None);
        for (int i = 1; i <= 3; i++)
        {
            TaskCompletionSource<int> read = new();
            ValueTask<int> awaited = reads.AwaitAsync(new ValueTask<int>(read.Task));
            Assert.That(awaited.IsCompleted, Is.False);
            read.SetResult(i);
            Assert.That(await awaited, Is.EqualTo(i));
        }
    }

    [Test]
    public async Task A_read_that_fails_does_not_prevent_the_next_one()
    {
        using SourceReads reads = new(CancellationToken.None);
        TaskCompletionSource<int> read = new();
        ValueTask<int> awaited = reads.AwaitAsync(new ValueTask<int>(read.Task));
        read.SetException(new IOException("disk"));
        Assert.That(async () => await awaited, Throws.TypeOf<IOException>().With.Message.EqualTo("disk"));
        TaskCompletionSource<int> next = new();
        ValueTask<int> second = reads.AwaitAsync(new ValueTask<int>(next.Task));
        next.SetResult(7);
        Assert.That(await second, Is.EqualTo(7));
    }

    [Test]
    public async Task Once_the_token_fires_a_read_is_abandoned_and_its_late_failure_observed()
    {
        using CancellationTokenSource cancel = new();
        using SourceReads reads = new(cancel.Token);
        TaskCompletionSource<int> read = new();
        ValueTask<int> awaited = reads.AwaitAsync(new ValueTask<int>(read.Task));
        await cancel.CancelAsync();
        Assert.That(
            async () => await awaited,
            Throws.InstanceOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(cancel.Token));
        Assert.That(() => read.SetException(new IOException("late")), Throws.Nothing);
        TaskCompletionSource<int> next = new();
        Assert.That(async () => await reads.AwaitAsync(new ValueTask<int>(next.Task)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task What_waits_does_not_continue_on_the_thread_that_cancels()
    {
        using CancellationTokenSource cancel = new();
        using SourceReads reads = new(cancel.Token);
        ValueTask<int> awaited = reads.AwaitAsync(new ValueTask<int>(new TaskCompletionSource<int>().Task));
        Task<Thread> continued = ContinueAsync();
        Thread canceling = new(cancel.Cancel);
        canceling.Start();
        canceling.Join();
        Assert.That(await continued, Is.Not.SameAs(canceling));

        async Task<Thread> ContinueAsync()
        {
            try
            {
                await awaited.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Expected.
            }

            return Thread.CurrentThread;
        }
    }

    [Test]
    public async Task A_read_that_ends_as_the_token_fires_ends_in_one_way()
    {
        for (int i = 0; i < 2000; i++)
        {
            using CancellationTokenSource cancel = new();
            using SourceReads reads = new(cancel.Token);
            TaskCompletionSource<int> read = new(TaskCreationOptions.RunContinuationsAsynchronously);
            ValueTask<int> awaited = reads.AwaitAsync(new ValueTask<int>(read.Task));
            Task canceling = Task.Run(cancel.Cancel);
            read.SetResult(i);
            try
            {
                Assert.That(await awaited, Is.EqualTo(i));
            }
            catch (OperationCanceledException e)
            {
                Assert.That(e.CancellationToken, Is.EqualTo(cancel.Token));
            }

            await canceling;
        }
    }
}
