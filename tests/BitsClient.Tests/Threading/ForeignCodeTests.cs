using System.Runtime.CompilerServices;
using BitsClient.Content;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using BitsClient.Transport;

namespace BitsClient.Tests.Threading;

/// <summary>
/// H2: code that is not the library's own may block its thread, or wait for the upload itself. It delays neither a limit nor a cancel, and
/// is told as what it is.
/// </summary>
public sealed class ForeignCodeTests
{
    private static readonly BitsUploadOptions Defaults = new();

    private readonly ManualResetEventSlim _free = new();
    private readonly TaskCompletionSource _blocking = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [TearDown]
    public void Free()
    {
        _free.Set();
        _free.Dispose();
    }

    [Test]
    public async Task A_hook_that_awaits_a_cancel_of_its_own_job_ends_both()
    {
        IBitsUploadJob? job = null;
        Task<BitsCancelOutcome>? canceling = null;
        using UploadRig rig = new(options: new BitsUploadOptions
        {
            FixedFragmentSize = 1000,
            PrepareRequest = async (context, _) =>
            {
                if (context.PacketType is BitsPacketType.Fragment)
                {
                    canceling ??= job!.CancelAsync();
                    await canceling;
                }
            },
        });
        await using IBitsUploadJob created = job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await Soon.EndsAsync(running, "The run");
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(await Soon.ResultOfAsync(canceling!, "The cancel"), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_hook_that_blocks_its_thread_does_not_delay_a_cancel()
    {
        using UploadRig rig = new(options: HookThatBlocks());
        await using IBitsUploadJob job = rig.CreateJob();
        await AssertCancelEndsAsync(job, BitsCancelOutcome.NotStarted);
    }

    [Test]
    public async Task A_hook_that_blocks_its_thread_times_out_and_is_named()
    {
        using UploadRig rig = new(options: HookThatBlocks());
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = await FailureAfterAsync(rig, job, Defaults.ResponseTimeout);
        Assert.That((e.Reason, e.Message), Is.EqualTo((BitsFailureReason.Hook, $"Create-Session to http://bits.test/upload/file.bin: "
            + "PrepareRequest did not return within 5 minutes.")));
    }

    [Test]
    public async Task A_handler_that_blocks_its_thread_delays_a_cancel_by_a_second()
    {
        using UploadRig rig = new(handlers: new Interception(_ => Block<Task<HttpResponseMessage?>>()));
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = Run(job);
        await Soon.EndsAsync(_blocking.Task, "The call of the handler");
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await rig.Time.WhenArmed(RequestInFlight.Grace);
        rig.Time.Advance(RequestInFlight.Grace);
        Assert.That(await Soon.ResultOfAsync(canceling, "The cancel"), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    [Test]
    public async Task A_stream_that_blocks_its_reader_does_not_delay_a_cancel()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new BlockingStream(this)), UploadRig.Url);
        await AssertCancelEndsAsync(job, BitsCancelOutcome.SessionCanceled);
    }

    [Test]
    public async Task A_stream_that_blocks_its_reader_is_told_as_a_source_that_cannot_be_read()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRetries = 0 } });
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new BlockingStream(this)), UploadRig.Url);
        BitsUploadException e = await FailureAfterAsync(rig, job, Defaults.StallTimeout);
        Assert.That((e.Reason, e.IsTransient), Is.EqualTo((BitsFailureReason.Source, true)));
        Assert.That(e.Message, Does.EndWith(": the source could not be read within 2 minutes."));
    }

    [Test]
    public async Task With_a_rate_limiter_it_is_told_so_too()
    {
        await using BitsRateLimiter limiter = new(1_000_000_000);
        using UploadRig rig = new(options: new BitsUploadOptions
        {
            FixedFragmentSize = 1000,
            RateLimiter = limiter,
            Retry = { MaxRetries = 0 },
        });
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(new BlockingStream(this)), UploadRig.Url);
        BitsUploadException e = await FailureAfterAsync(rig, job, Defaults.StallTimeout);
        Assert.That(e.Message, Does.EndWith(": the source could not be read within 2 minutes."));
    }

    [Test]
    public async Task A_stream_whose_length_blocks_is_told_so_too([Values] bool isBeforeItsEnd)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRetries = 0 } });
        LengthBlockingStream stream = new(this) { CallsBefore = isBeforeItsEnd ? 2 : 1 };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        stream.IsBlocking = true;
        BitsUploadException e = await FailureAfterAsync(rig, job, Defaults.StallTimeout);
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Source));
        Assert.That(e.Message, Does.EndWith(": the source could not be read within 2 minutes."));
    }

    [Test]
    public async Task A_stream_whose_disposal_blocks_or_fails_does_not_keep_the_other_from_being_disposed([Values] bool fails)
    {
        using UploadRig rig = new();
        UndisposableStream source = new(fails ? () => throw new IOException("The disk is gone.") : Block<object>);
        MemoryStream reply = new();
        IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromStream(source), UploadRig.Url, BitsReplyTarget.ToStream(reply, leaveOpen: false));
        Task disposing = job.DisposeAsync().AsTask();
        if (!fails)
        {
            await Soon.EndsAsync(_blocking.Task, "The call that blocks");
            await rig.Time.WhenArmed(TimeSpan.FromSeconds(5));
            rig.Time.Advance(TimeSpan.FromSeconds(5));
        }

        await Soon.EndsAsync(disposing, "The disposal");
        await disposing;
        Assert.That(reply.CanWrite, Is.False, "it is disposed");
        Assert.That(rig.Logs.Entries.Select(entry => entry.Text), Has.One.Contains("could not be disposed"));
    }

    [Test]
    public async Task A_disk_that_does_not_answer_while_a_file_is_hashed_fails_the_upload_as_its_source()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, ComputeSha256 = true });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await using IBitsUploadJob failed = rig.CreateJob();
        Assert.That(() => failed.RunAsync(), Throws.TypeOf<BitsServerException>());
        BitsUploadSource source = BitsUploadSource.FromStream(new BlockingStream(this));
        await using IBitsUploadJob job = rig.Client.ResumeJob(failed.Checkpoint!, source);
        BitsUploadException e = await FailureAfterAsync(rig, job, Defaults.StallTimeout);
        Assert.That((e.Reason, e.IsTransient), Is.EqualTo((BitsFailureReason.Source, true)));
        Assert.That(e.Message, Is.EqualTo("The source could not be read: no byte was read for 2 minutes."));
    }

    [Test]
    public async Task A_reply_target_that_blocks_its_writer_does_not_delay_a_cancel()
    {
        using UploadRig rig = new(new BitsTestServerOptions { Reply = _ => UploadRig.Bytes(500) });
        await using IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromMemory(rig.File), UploadRig.Url, BitsReplyTarget.ToStream(new BlockingStream(this)));
        await AssertCancelEndsAsync(job, BitsCancelOutcome.ReplyCanceled);
    }

    [Test]
    public async Task A_reply_whose_stream_blocks_its_reader_does_not_delay_a_cancel()
    {
        using UploadRig rig = new(
            new BitsTestServerOptions { Reply = _ => UploadRig.Bytes(500) },
            handlers: Alteration.OfReplies(response => response.Content = new StreamContent(new BlockingStream(this))));
        await using IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromMemory(rig.File), UploadRig.Url, BitsReplyTarget.ToStream(new MemoryStream()));
        await AssertCancelEndsAsync(job, BitsCancelOutcome.ReplyCanceled);
    }

    [Test]
    public void What_was_abandoned_and_fails_later_is_observed()
    {
        using CancellationTokenSource cancel = new();
        List<Exception> unobserved = [];
        void Collect(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.AddRange(e.Exception.InnerExceptions);
        TaskScheduler.UnobservedTaskException += Collect;
        try
        {
            AbandonAndFail(cancel);
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Collect;
        }

        Assert.That(unobserved.OfType<LateException>(), Is.Empty);
    }

#if NET
    [Test]
    public async Task What_has_ended_is_returned_without_an_allocation()
    {
        await ForeignCode.AwaitAsync(ValueTask.FromResult(1), CancellationToken.None);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            await ForeignCode.AwaitAsync(ValueTask.FromResult(1), CancellationToken.None);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
#endif

    // The task that fails is not referenced by anything after this has returned.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AbandonAndFail(CancellationTokenSource cancel)
    {
        TaskCompletionSource<int> late = new();
        Task<int> waiting = ForeignCode.AwaitAsync(late.Task, cancel.Token);
        cancel.Cancel();
        Assert.That(() => waiting, Throws.InstanceOf<OperationCanceledException>());
        late.SetException(new LateException());
    }

    private static Task<BitsUploadResult> Run(IBitsUploadJob job) => Task.Run(() => job.RunAsync());

    private async Task AssertCancelEndsAsync(IBitsUploadJob job, BitsCancelOutcome outcome)
    {
        Task<BitsUploadResult> running = Run(job);
        await Soon.EndsAsync(_blocking.Task, "The call that blocks");
        Assert.That(await Soon.ResultOfAsync(job.CancelAsync(), "The cancel"), Is.EqualTo(outcome));
        await Soon.EndsAsync(running, "The run");
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    private async Task<BitsUploadException> FailureAfterAsync(UploadRig rig, IBitsUploadJob job, TimeSpan limit)
    {
        Task<BitsUploadResult> running = Run(job);
        await Soon.EndsAsync(_blocking.Task, "The call that blocks");
        await rig.Time.WhenArmed(limit);
        rig.Time.Advance(limit);
        Task grace = rig.Time.WhenArmed(RequestInFlight.Grace);
        if (await Task.WhenAny(running, grace) == grace)
        {
            rig.Time.Advance(RequestInFlight.Grace);
        }

        await Soon.EndsAsync(running, "The run");
        return Assert.ThrowsAsync<BitsUploadException>(() => running)!;
    }

    private BitsUploadOptions HookThatBlocks() => new()
    {
        FixedFragmentSize = 1000,
        PrepareRequest = (_, _) => Block<ValueTask>(),
    };

    private T Block<T>()
    {
        _blocking.TrySetResult();
        _free.Wait();
        throw new InvalidOperationException("The test has ended.");
    }

    private sealed class LateException : Exception;

    private sealed class UndisposableStream(Func<object> dispose) : MemoryStream(UploadRig.Bytes(10))
    {
        protected override void Dispose(bool disposing)
        {
            dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class LengthBlockingStream(ForeignCodeTests tests) : MemoryStream(UploadRig.Bytes(1000))
    {
        /// <summary>The length is asked for before each fragment, and before its last bytes.</summary>
        public int CallsBefore { get; set; }

        public bool IsBlocking { get; set; }

        public override long Length => IsBlocking && --CallsBefore <= 0 ? tests.Block<long>() : base.Length;
    }

    private sealed class BlockingStream(ForeignCodeTests tests) : MemoryStream(UploadRig.Bytes(10_000))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            tests.Block<ValueTask<int>>();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            tests.Block<ValueTask>();
    }
}
