using BitsClient.Testing;
using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>
/// A caller that blocks on a thread with a synchronization context instead of awaiting does not deadlock: the library never continues
/// there. Each test runs repeatedly, each time with another of its steps asynchronous.
/// </summary>
public sealed class BlockedCallerTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    [Test]
    public void A_ping() => AtEveryStep(stage => stage.Wait(stage.Client.PingAsync(UploadRig.Url)));

    [Test]
    public void A_ping_that_is_challenged() => AtEveryStep(stage =>
    {
        stage.Server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(401) { Ack = false });
        stage.Wait(stage.Client.PingAsync(UploadRig.Url));
    });

    [Test]
    public void An_upload_of_a_file()
    {
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        AtEveryStep(stage => stage.Wait(stage.Client.UploadFileAsync(file.Path, UploadRig.Url)));
    }

    [Test]
    public void An_upload_with_a_store_and_a_hash_and_a_retry([Values] bool store) => AtEveryStep(
        stage =>
        {
            stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503), occurrence: 2);
            IBitsUploadJob job = stage.CreateJob();
            Assert.That(stage.Wait(job.RunAsync(new ProgressHandler(_ => { }))).Sha256, Is.Not.Null);
            Assert.That(stage.Server.GetFile("/upload/file.bin"), Is.EqualTo(stage.File));
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void An_upload_of_a_stream_whose_reply_goes_to_a_stream([Values] bool breaks) => AtEveryStep(stage =>
    {
        using SteppedStream reply = new(stage.Steps);
        if (breaks)
        {
            stage.Server.Inject(BitsPacketNames.ReplyDownload, new BitsFault.DropInBody(1000));
        }

        BitsUploadSource source = BitsUploadSource.FromStream(new SteppedStream(stage.Steps, stage.File));
        IBitsUploadJob job = stage.Client.CreateJob(source, UploadRig.Url, BitsReplyTarget.ToStream(reply, leaveOpen: true));
        stage.Wait(job.RunAsync());
        Assert.That(reply.ToArray(), Is.EqualTo(BlockedStage.Reply));
        stage.Wait(job.DisposeAsync().AsTask());
    });

    [Test]
    public void An_upload_of_a_file_whose_reply_goes_to_a_file()
    {
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        string reply = Path.Combine(file.Folder, "reply.bin");
        AtEveryStep(stage =>
        {
            IBitsUploadJob job = stage.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url, BitsReplyTarget.ToFile(reply));
            stage.Wait(job.RunAsync());
            Assert.That(File.ReadAllBytes(reply), Is.EqualTo(BlockedStage.Reply));
            stage.Wait(job.DisposeAsync().AsTask());
        });
    }

    [Test]
    public void A_suspension_and_its_end([Values] bool abandons, [Values] bool store) => AtEveryStep(
        stage =>
        {
            BitsGate gate = abandons ? stage.Server.HoldBody(2, 500) : stage.Server.HoldAck(BitsPacketNames.Fragment, 2);
            IBitsUploadJob job = stage.CreateJob();
            Task<BitsUploadResult> running = job.RunAsync();
            stage.Wait(gate.ReachedByAsync(running));
            Task suspending = job.SuspendAsync();
            if (abandons)
            {
                stage.Wait(stage.Time.WhenArmed(Grace));
                stage.Time.Advance(Grace);
            }
            else
            {
                gate.Release();
            }

            stage.Wait(suspending);
            stage.Wait(job.ResumeAsync());
            stage.Wait(running);
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void A_run_that_begins_suspended([Values] bool store) => AtEveryStep(
        stage =>
        {
            IBitsUploadJob job = stage.CreateJob();
            stage.Wait(job.SuspendAsync());
            Task<BitsUploadResult> running = job.RunAsync();
            stage.Wait(job.SuspendAsync());
            stage.Wait(job.ResumeAsync());
            stage.Wait(running);
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void A_suspension_between_two_packets([Values] bool store) => AtEveryStep(
        stage =>
        {
            IBitsUploadJob job = stage.CreateJob();
            TaskCompletionSource<Task> suspending = new();
            Task<BitsUploadResult> running = job.RunAsync(new ProgressHandler(report =>
            {
                if (report.BytesAcknowledged is 1000 && !suspending.Task.IsCompleted)
                {
                    suspending.SetResult(job.SuspendAsync());
                }
            }));
            stage.Wait((Task)Task.WhenAny(suspending.Task, running));
            Task suspended = stage.Wait(suspending.Task);
            stage.Wait(suspended);
            stage.Wait(job.ResumeAsync());
            stage.Wait(running);
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void A_cancel_of_a_run([Values] bool store) => AtEveryStep(
        stage =>
        {
            BitsGate gate = stage.Server.HoldAck(BitsPacketNames.Fragment, 2);
            stage.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(503));
            IBitsUploadJob job = stage.CreateJob();
            Task<BitsUploadResult> running = job.RunAsync();
            stage.Wait(gate.ReachedByAsync(running));
            Assert.That(stage.Wait(job.CancelAsync()), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
            stage.WaitForFailure<BitsUploadCanceledException>(running);
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void A_token_that_fires_between_two_packets([Values] BitsSessionAction action, [Values] bool store) => AtEveryStep(
        stage =>
        {
            using CancellationTokenSource cancel = new();
            IBitsUploadJob job = stage.CreateJob();
            stage.WaitForFailure<BitsUploadCanceledException>(job.RunAsync(new ProgressHandler(report =>
            {
                if (report.BytesAcknowledged >= 1000)
                {
                    cancel.Cancel();
                }
            }), cancel.Token));
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store,
        options => options.OnCancellation = action);

    [Test]
    public void A_run_of_a_canceled_job([Values] bool store) => AtEveryStep(
        stage =>
        {
            IBitsUploadJob job = stage.CreateJob();
            Assert.That(stage.Wait(job.CancelAsync()), Is.EqualTo(BitsCancelOutcome.NotStarted));
            stage.WaitForFailure<BitsUploadCanceledException>(job.RunAsync());
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void A_job_that_is_disposed_while_it_runs_and_is_canceled([Values] bool store) => AtEveryStep(
        stage =>
        {
            BitsGate gate = stage.Server.HoldAck(BitsPacketNames.Fragment, 2);
            IBitsUploadJob job = stage.CreateJob();
            Task<BitsUploadResult> running = job.RunAsync();
            stage.Wait(gate.ReachedByAsync(running));
            Task<BitsCancelOutcome> canceling = job.CancelAsync();
            stage.Wait(job.DisposeAsync().AsTask());
            stage.Wait(canceling);
            stage.WaitForFailure<BitsUploadCanceledException>(running);
        },
        store);

    [Test]
    public void A_job_that_is_disposed_while_it_waits_for_its_lock() => AtEveryStep(
        stage =>
        {
            // If the lock is there at once, the upload gets no further than this.
            stage.Server.HoldRequest(BitsPacketNames.Fragment);
            IBitsUploadJob job = stage.CreateJob();
            Task<BitsUploadResult> running = job.RunAsync();
            stage.Wait(job.DisposeAsync().AsTask());
            stage.WaitForFailure<BitsUploadCanceledException>(running);
        },
        store: true);

    [Test]
    public void A_job_that_is_disposed_while_it_is_canceled_after_a_failure() => AtEveryStep(stage =>
    {
        stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        IBitsUploadJob job = stage.CreateJob();
        stage.WaitForFailure<BitsServerException>(job.RunAsync());
        BitsGate gate = stage.Server.HoldAck(BitsPacketNames.CancelSession);
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        stage.Wait(gate.ReachedByAsync(canceling));
        Task disposing = job.DisposeAsync().AsTask();
        gate.Release();
        stage.Wait(disposing);
        Assert.That(stage.Wait(canceling), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    });

    [Test]
    public void A_run_that_waits_for_a_read_or_write_that_the_previous_run_abandoned([Values] bool read) => AtEveryStep(
        stage =>
        {
            using CancellationTokenSource cancel = new();
            using SteppedStream source = new(stage.Steps, stage.File);
            using SteppedStream reply = new(stage.Steps);
            TaskCompletionSource hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
            (read ? source : reply).Before = () =>
            {
                cancel.Cancel();
                return hanging.Task;
            };
            IBitsUploadJob job = stage.Client.CreateJob(
                BitsUploadSource.FromStream(source, leaveOpen: true), UploadRig.Url, BitsReplyTarget.ToStream(reply, leaveOpen: true));
            stage.WaitForFailure<BitsUploadCanceledException>(job.RunAsync(cancellationToken: cancel.Token));
            _ = stage.WhenBlockedAsync().ContinueWith(_ => hanging.SetResult(), TaskScheduler.Default);
            stage.Wait(job.RunAsync());
            Assert.That(reply.ToArray(), Is.EqualTo(BlockedStage.Reply));
            stage.Wait(job.DisposeAsync().AsTask());
        },
        configure: options => options.OnCancellation = BitsSessionAction.KeepSession);

    [Test]
    public void A_failure([Values] BitsSessionAction action, [Values] bool store) => AtEveryStep(
        stage =>
        {
            stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
            IBitsUploadJob job = stage.CreateJob();
            stage.WaitForFailure<BitsServerException>(job.RunAsync());
            stage.Wait(job.DisposeAsync().AsTask());
        },
        store,
        options => options.OnFailure = action);

    [Test]
    public void A_failure_that_leads_to_a_new_session_and_smaller_fragments() => AtEveryStep(
        stage =>
        {
            stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(413), occurrence: 2);
            stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 3);
            IBitsUploadJob job = stage.CreateJob();
            stage.Wait(job.RunAsync());
            stage.Wait(job.DisposeAsync().AsTask());
        },
        configure: options =>
        {
            options.FixedFragmentSize = null;
            (options.MinFragmentSize, options.InitialFragmentSize, options.MaxFragmentSize) = (500, 1000, 1000);
        });

    [Test]
    public void A_store_that_refuses_the_lock() => AtEveryStep(
        stage =>
        {
            IBitsUploadJob job = stage.CreateJob();
            stage.WaitForFailure<IOException>(job.RunAsync());
            stage.Wait(job.DisposeAsync().AsTask());
        },
        configure: options => ((SteppedStore)options.CheckpointStore!).IsLocked = true,
        store: true);

    [Test]
    public void An_upload_that_is_resumed_with_its_hash([Values] bool store) => AtEveryStep(
        stage =>
        {
            IBitsUploadJob resumed = stage.Client.ResumeJob(CheckpointOf(stage), new SteppedSource(stage.Steps, stage.File));
            Assert.That(stage.Wait(resumed.RunAsync()).Sha256, Is.Not.Null);
            stage.Wait(resumed.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void An_upload_that_is_resumed_without_its_hash([Values] bool complete) => AtEveryStep(stage =>
    {
        BitsUploadCheckpoint checkpoint = CheckpointOf(stage, complete) with { Source = null };
        IBitsUploadJob resumed = stage.Client.ResumeJob(checkpoint, new SteppedSource(stage.Steps, stage.File));
        Assert.That(stage.Wait(resumed.RunAsync()).Sha256, Is.Not.Null);
        stage.Wait(resumed.DisposeAsync().AsTask());
    });

    [Test]
    public void A_session_that_is_canceled([Values] bool store, [Values] bool complete) => AtEveryStep(
        stage =>
        {
            BitsUploadCheckpoint checkpoint = CheckpointOf(stage, complete);
            stage.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(503));
            stage.Wait(stage.Client.CancelSessionAsync(checkpoint));
        },
        store);

    [Test]
    public void A_resumed_job_that_is_canceled_before_it_runs([Values] bool store) => AtEveryStep(
        stage =>
        {
            IBitsUploadJob resumed = stage.Client.ResumeJob(CheckpointOf(stage), new SteppedSource(stage.Steps, stage.File));
            Assert.That(stage.Wait(resumed.CancelAsync()), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
            stage.Wait(resumed.DisposeAsync().AsTask());
        },
        store);

    [Test]
    public void An_upload_that_continues_the_one_in_the_store([Values] bool changed)
    {
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        AtEveryStep(
            stage =>
            {
                File.WriteAllBytes(file.Path, UploadRig.Bytes(3000));
                stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
                stage.WaitForFailure<BitsServerException>(stage.Client.UploadFileAsync(file.Path, UploadRig.Url));
                if (changed)
                {
                    File.WriteAllBytes(file.Path, UploadRig.Bytes(2000));
                }

                stage.Wait(stage.Client.UploadFileAsync(file.Path, UploadRig.Url));
            },
            store: true);
    }

    [Test]
    public void All_uploads_that_are_resumed()
    {
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        AtEveryStep(
            stage =>
            {
                stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
                stage.WaitForFailure<BitsServerException>(stage.Client.UploadFileAsync(file.Path, UploadRig.Url));
                Assert.That(stage.Wait(stage.Client.ResumeAllAsync()).Single().Result, Is.Not.Null);
            },
            store: true);
    }

    [Test]
    public void A_checkpoint_that_is_forgotten() => AtEveryStep(
        stage => stage.Wait(stage.Client.ForgetAsync(CheckpointOf(stage))),
        store: true);

    [Test]
    public void An_upload_whose_earlier_session_is_ended_after_it([Values] bool fails) => AtEveryStep(
        stage =>
        {
            // The server cannot end the session at first.
            stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(416), occurrence: 2);
            stage.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
            if (fails)
            {
                stage.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);
            }

            IBitsUploadJob job = stage.CreateJob();
            if (fails)
            {
                stage.WaitForFailure<BitsServerException>(job.RunAsync());
            }
            else
            {
                stage.Wait(job.RunAsync());
            }

            stage.Wait(job.DisposeAsync().AsTask());
            Assert.That(stage.Server.Sessions[0].State, Is.EqualTo(BitsTestSessionState.Canceled));
        },
        store: true);

    [Test]
    public void The_store_in_a_folder()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(Path.Combine(place.Folder, "uploads"));
        BlockedThread thread = new();
        thread.Run(() =>
        {
            // Whether a read or write of a file completes before it is awaited varies.
            for (int i = 0; i < 20; i++)
            {
                IAsyncDisposable held = thread.Wait(store.LockAsync(States.Full.Id).AsTask());
                thread.Wait(store.SaveAsync(States.Full).AsTask());
                thread.Wait(store.LoadAsync(States.Full.Id).AsTask());
                thread.Wait(store.ListAsync().AsTask());
                thread.Wait(store.DeleteAsync(States.Full.Id).AsTask());
                thread.Wait(held.DisposeAsync().AsTask());
            }
        });
        Assert.That(thread.Posts, Is.Empty);
    }

    /// <summary>The checkpoint of an upload that failed at its second fragment, or at Close-Session.</summary>
    private static BitsUploadCheckpoint CheckpointOf(BlockedStage stage, bool complete = false)
    {
        stage.Server.Inject(
            complete ? BitsPacketNames.CloseSession : BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: complete ? 1 : 2);
        IBitsUploadJob job = stage.CreateJob();
        BitsUploadCheckpoint checkpoint = stage.WaitForFailure<BitsServerException>(job.RunAsync()).Checkpoint!;
        stage.Wait(job.DisposeAsync().AsTask());
        return checkpoint;
    }

    private static void AtEveryStep(Action<BlockedStage> scenario, bool store = false, Action<BitsUploadOptions>? configure = null)
    {
        AsyncSteps steps;
        int asynchronous = 0;
        do
        {
            asynchronous++;
            BlockedThread thread = new();
            steps = new AsyncSteps(thread, asynchronous);
            AsyncSteps own = steps;
            BitsUploadOptions options = new()
            {
                FixedFragmentSize = 1000,
                ComputeSha256 = true,
                ProgressInterval = TimeSpan.Zero,
                Retry = { BaseDelay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(10) },
                CheckpointStore = store ? new SteppedStore(own) : null,
                PrepareRequest = (_, _) => new ValueTask(own.PassAsync()),
            };
            configure?.Invoke(options);
            thread.Run(() =>
            {
                using BlockedStage stage = new(thread, own, options);
                scenario(stage);
            });
            Assert.That(
                thread.Posts,
                Is.Empty,
                $"Step {asynchronous} was asynchronous, and its continuation was posted to the blocked thread.");
        }
        while (steps.Count >= asynchronous && asynchronous < 200);

        Assert.That(asynchronous, Is.LessThan(200), "every step was asynchronous once");
    }
}
