using System.Globalization;
using BitsClient.Queue.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BitsClient.Queue.Tests;

/// <summary>Leases, fences, failures and observers: what a machine does when something is in the way.</summary>
public sealed class WorkerTests(DatabaseKind kind) : QueueTest(kind)
{
    [Test]
    public async Task An_upload_whose_process_is_gone_is_taken_over_in_its_session()
    {
        (Guid id, _) = await InterruptAsync();

        // As a process leaves it that is killed.
        long lease = Kind == DatabaseKind.Sqlite ? 4_102_444_800_000 : 1;
        await Rig.SqlAsync(string.Create(
            CultureInfo.InvariantCulture, $"UPDATE bits_upload SET status = 'running', owner = 'gone', lease_until = {lease}"));
        IHost host = await Rig.StartAsync();
        BitsQueuedUpload upload = await QueueRig.QueueOf(host).WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.Tries, Is.EqualTo(2));
        Assert.That(Rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(Rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(QueueRig.Bytes));
    }

    [Test]
    public async Task A_process_that_has_lost_its_upload_sends_nothing_more_and_keeps_the_session()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync(Quick);
        Guid id = await QueueRig.QueueOf(host).EnqueueAsync(Rig.Request());
        await gate.Reached;
        await GiveAwayAsync();
        await WhenLoggedAsync("belongs to another process now");
        gate.Release();
        await host.StopAsync();
        Assert.That(Rig.Packets(), Is.EqualTo("Create-Session, Fragment, Fragment, Fragment"));
        Assert.That(Rig.Server.OpenSessionCount, Is.EqualTo(1));
        BitsQueuedUpload upload = (await Rig.Queue().GetAsync(id))!;
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferring));
        Assert.That(upload.Owner, Is.EqualTo("other"));
    }

    [Test]
    public async Task A_session_that_no_other_process_can_know_of_is_ended()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.CreateSession);
        IHost host = await Rig.StartAsync();
        await QueueRig.QueueOf(host).EnqueueAsync(Rig.Request());
        await gate.Reached;
        await GiveAwayAsync();
        gate.Release();
        await WhenLoggedAsync("belongs to another process now");
        await host.StopAsync();
        Assert.That(Rig.Packets(), Does.StartWith("Create-Session").And.EndsWith("Cancel-Session"));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That((await Rig.Queue().ListAsync()).Single().HasOpenSession, Is.False);
    }

    [Test]
    public async Task A_failure_that_may_pass_is_told_and_followed_by_another_run()
    {
        Rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(503));
        IHost host = await Rig.StartAsync(options => options.RetryDelay = TimeSpan.FromMilliseconds(50));
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        BitsQueuedUpload waiting = await WhenAsync(queue, id, upload => upload.Status is BitsQueueStatus.TransientError);
        Assert.That(waiting.Error, Does.Contain("503").And.Contain(Environment.MachineName));
        Assert.That(waiting.HasOpenSession);
        Rig.Server.ClearFaults();
        BitsQueuedUpload upload = await queue.WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.Error, Is.Null);
        Assert.That(upload.Tries, Is.GreaterThan(1));
    }

    [Test]
    public async Task A_failure_for_good_keeps_the_session_and_resuming_continues_it()
    {
        Rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        BitsQueuedUpload failed = await queue.WaitAsync(id);
        Assert.That(failed.Status, Is.EqualTo(BitsQueueStatus.Error));
        Assert.That(failed.Error, Does.Contain("403"));
        Assert.That(failed.HasOpenSession);
        Assert.That(failed.BytesAcknowledged, Is.GreaterThan(0));
        await queue.ResumeAsync(id);
        Assert.That((await queue.WaitAsync(id)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(Rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_failure_that_lasts_too_long_is_for_good()
    {
        Rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(503));
        IHost host = await Rig.StartAsync(options =>
        {
            options.RetryDelay = TimeSpan.FromMilliseconds(1);
            options.GiveUpAfter = TimeSpan.FromMilliseconds(1);
        });
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        BitsQueuedUpload failed = await queue.WaitAsync(await queue.EnqueueAsync(Rig.Request()));
        Assert.That(failed.Status, Is.EqualTo(BitsQueueStatus.Error));
        Assert.That(failed.Error, Does.StartWith("Given up after 00:00:00.0010000 without progress."));
        Assert.That(failed.Tries, Is.GreaterThan(1));
    }

    [TestCase(true, TestName = "A_file_that_has_changed_fails_and_its_session_is_canceled({0})")]
    [TestCase(false, TestName = "A_file_that_is_gone_fails_and_its_session_is_canceled({0})")]
    public async Task A_source_that_is_not_the_same_fails_and_its_session_is_canceled(bool isChanged)
    {
        (Guid id, IBitsUploadQueue queue) = await InterruptAsync();
        if (isChanged)
        {
            await File.AppendAllTextAsync(Rig.FilePath, "more");
        }
        else
        {
            File.Delete(Rig.FilePath);
        }

        await Rig.StartAsync();
        BitsQueuedUpload failed = await queue.WaitAsync(id);
        Assert.That(failed.Status, Is.EqualTo(BitsQueueStatus.Error));
        Assert.That(failed.Error, Does.Contain("source").Or.Contain("find"));
        Assert.That(failed.HasOpenSession, Is.False);
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_folder_that_this_machine_does_not_see_waits_for_another_one()
    {
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request(Path.Combine(Rig.Folder, "share", "file.bin")));
        BitsQueuedUpload waiting = await WhenAsync(queue, id, upload => upload.Status is BitsQueueStatus.TransientError);
        Assert.That(waiting.Error, Does.Contain("share").And.Contain(Environment.MachineName));
    }

    [Test]
    public async Task What_this_machine_has_not_registered_waits_for_another_one_and_says_so()
    {
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid client = await queue.EnqueueAsync(Rig.Request() with { ClientName = "reports" });
        Guid headers = await queue.EnqueueAsync(Rig.Request() with { HeaderProvider = "tokens" });
        BitsQueuedUpload waiting = await WhenAsync(queue, client, upload => upload.Status is BitsQueueStatus.TransientError);
        Assert.That(waiting.Error, Does.Contain("'reports'").And.Contain(Environment.MachineName));
        waiting = await WhenAsync(queue, headers, upload => upload.Status is BitsQueueStatus.TransientError);
        Assert.That(waiting.Error, Does.Contain("'tokens'"));
        Assert.That(Rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task A_provider_adds_headers_to_every_request_and_its_failure_may_pass()
    {
        Tokens tokens = new();
        IHost host = await Rig.StartAsync(
            options => options.RetryDelay = TimeSpan.FromMilliseconds(10),
            services => services.AddKeyedSingleton<IBitsHeaderProvider>("tokens", tokens));
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request() with { HeaderProvider = "tokens" });
        BitsQueuedUpload upload = await queue.WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.Tries, Is.EqualTo(2));
        Assert.That(Rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("X-Token")), Is.All.EqualTo($"token of {id}"));
    }

    [Test]
    public async Task Observers_are_told_of_each_end_and_again_if_they_fail()
    {
        Witness witness = new() { Failures = 1 };
        Rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(403));
        IHost host = await Rig.StartAsync(
            options =>
            {
                options.Lease = TimeSpan.FromSeconds(1);
                options.Heartbeat = TimeSpan.FromMilliseconds(50);
                options.MaxConcurrentUploads = 1;
            },
            services => services.AddSingleton<IBitsUploadQueueObserver>(witness));
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid failed = await queue.EnqueueAsync(Rig.Request());
        Guid completed = await queue.EnqueueAsync(Rig.Request());
        Guid suspended = await queue.EnqueueAsync(Rig.Request() with { NotBefore = DateTimeOffset.UtcNow.AddDays(1) });
        await queue.SuspendAsync(suspended);
        await witness.WhenToldAsync($"failed {failed}");
        await witness.WhenToldAsync($"completed {completed}");
        await witness.WhenToldAsync($"suspended {suspended}");
        Assert.That(witness.Attempts, Is.GreaterThan(3));
    }

    [Test]
    public async Task An_observer_is_told_of_what_ended_in_a_process_that_has_crashed()
    {
        IHost crashed = await Rig.StartAsync();
        Guid id = await QueueRig.QueueOf(crashed).EnqueueAsync(Rig.Request());
        await QueueRig.QueueOf(crashed).WaitAsync(id);
        await crashed.StopAsync();
        crashed.Dispose();
        await Rig.SqlAsync("UPDATE bits_upload SET unobserved = 1, owner = 'gone', lease_until = 1");
        Witness witness = new();
        await Rig.StartAsync(Quick, services => services.AddSingleton<IBitsUploadQueueObserver>(witness));
        await witness.WhenToldAsync($"completed {id}");
    }

    [Test]
    public async Task An_observer_that_never_returns_holds_up_no_upload()
    {
        Witness witness = new() { Never = new TaskCompletionSource() };
        IHost host = await Rig.StartAsync(
            options =>
            {
                options.Lease = TimeSpan.FromSeconds(1);
                options.Heartbeat = TimeSpan.FromMilliseconds(50);
                options.MaxConcurrentUploads = 1;
            },
            services => services.AddSingleton<IBitsUploadQueueObserver>(witness));
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid[] ids = [await queue.EnqueueAsync(Rig.Request()), await queue.EnqueueAsync(Rig.Request())];
        foreach (Guid id in ids)
        {
            BitsQueuedUpload upload = await queue.WaitAsync(id);
            Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
            Assert.That(upload.Tries, Is.EqualTo(1));
        }

        // Also not those who are told again.
        await witness.WhenAttemptsAsync(3);
        witness.Never = null;
        await witness.WhenToldAsync($"completed {ids[0]}");
        await witness.WhenToldAsync($"completed {ids[1]}");
    }

    [Test]
    public async Task What_this_process_is_at_work_on_is_not_claimed_again_although_its_lease_has_run_out()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await gate.Reached;
        await Rig.SqlAsync("UPDATE bits_upload SET lease_until = 1");
        await queue.WaitAsync(await queue.EnqueueAsync(Rig.Request(name: "other")));
        gate.Release();
        BitsQueuedUpload upload = await queue.WaitAsync(id);
        Assert.That(upload.Status, Is.EqualTo(BitsQueueStatus.Transferred));
        Assert.That(upload.Tries, Is.EqualTo(1));
    }

    [Test]
    public async Task A_claim_whose_answer_was_lost_is_made_again_when_its_lease_has_run_out()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync(options =>
        {
            options.Lease = TimeSpan.FromSeconds(1);
            options.Heartbeat = TimeSpan.FromMilliseconds(50);
        });
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid running = await queue.EnqueueAsync(Rig.Request());
        await gate.Reached;
        Guid lost = await queue.EnqueueAsync(Rig.Request(name: "lost") with { NotBefore = DateTimeOffset.UtcNow.AddDays(1) });
        string same = $"FROM bits_upload WHERE id = '{running}'";
        await Rig.SqlAsync(
            $"UPDATE bits_upload SET status = 'running', fence = 1, owner = (SELECT owner {same}), "
            + $"lease_until = (SELECT lease_until {same}) WHERE id = '{lost}'");
        Assert.That((await queue.WaitAsync(lost)).Status, Is.EqualTo(BitsQueueStatus.Transferred));
        gate.Release();
        Assert.That((await queue.WaitAsync(running)).Tries, Is.EqualTo(1));
    }

    [Test]
    public async Task A_cancel_that_the_server_does_not_confirm_says_so_and_another_one_tries_again()
    {
        (Guid id, IBitsUploadQueue queue) = await InterruptAsync();
        Rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        await queue.SuspendAsync(id);
        await Rig.StartAsync();
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        BitsQueuedUpload canceled = (await queue.GetAsync(id))!;
        Assert.That(canceled.Status, Is.EqualTo(BitsQueueStatus.Canceled));
        Assert.That(canceled.HasOpenSession);
        Rig.Server.ClearFaults();
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(Rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(await queue.CancelAsync(id), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task A_suspension_during_a_failure_that_may_pass_is_not_lost()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.CreateSession);
        Rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(503));
        IHost host = await Rig.StartAsync(options => options.RetryDelay = TimeSpan.FromMilliseconds(1));
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await gate.Reached;

        // The heartbeat does not bring it before the run has failed.
        await Rig.SqlAsync("UPDATE bits_upload SET wanted = 'suspend'");
        gate.Release();
        BitsQueuedUpload suspended = await WhenAsync(queue, id, upload => upload.Status is BitsQueueStatus.Suspended);
        Assert.That(suspended.Tries, Is.EqualTo(1));
    }

    [Test]
    public async Task A_cancel_during_a_failure_is_not_lost()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.CreateSession);
        Rig.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(403));
        IHost host = await Rig.StartAsync();
        IBitsUploadQueue queue = QueueRig.QueueOf(host);
        Guid id = await queue.EnqueueAsync(Rig.Request());
        await gate.Reached;
        await Rig.SqlAsync("UPDATE bits_upload SET wanted = 'cancel'");
        gate.Release();
        BitsQueuedUpload canceled = await queue.WaitAsync(id);
        Assert.That(canceled.Status, Is.EqualTo(BitsQueueStatus.Canceled));
        Assert.That(canceled.CancelOutcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
    }

    [Test]
    public async Task A_cancel_that_no_client_here_can_make_waits_between_its_tries()
    {
        (Guid id, IBitsUploadQueue queue) = await InterruptAsync();
        await Rig.SqlAsync("UPDATE bits_upload SET client = 'elsewhere', wanted = 'cancel'");
        await Rig.StartAsync(options => options.RetryDelay = TimeSpan.FromMinutes(1));
        BitsQueuedUpload waiting = await WhenAsync(queue, id, upload => upload.Status is BitsQueueStatus.TransientError);
        Assert.That(waiting.Error, Does.Contain("'elsewhere'"));
        Assert.That(waiting.DueAt - waiting.StartedAt, Is.GreaterThan(TimeSpan.FromSeconds(59)));
        Assert.That(waiting.HasOpenSession);
    }

    [Test]
    public async Task A_checkpoint_of_a_newer_version_is_left_for_a_machine_that_can_read_it()
    {
        (Guid id, IBitsUploadQueue queue) = await InterruptAsync();
        await Rig.SqlAsync("UPDATE bits_upload SET checkpoint = '{\"version\":99}'");
        await Rig.StartAsync();
        await WhenAsync(queue, id, upload => upload.Status is BitsQueueStatus.TransientError);
        Assert.That(await Rig.SqlAsync("SELECT checkpoint FROM bits_upload"), Is.EqualTo("{\"version\":99}"));
    }

    [Test]
    public async Task A_host_that_only_enqueues_uploads_nothing()
    {
        IHost host = await Rig.StartAsync(options => options.MaxConcurrentUploads = 0);
        Guid id = await QueueRig.QueueOf(host).EnqueueAsync(Rig.Request());
        await host.StopAsync();
        Assert.That((await Rig.Queue().GetAsync(id))!.Tries, Is.Zero);
    }

    private static void Quick(BitsUploadQueueOptions options) => options.Heartbeat = TimeSpan.FromMilliseconds(50);

    private static async Task<BitsQueuedUpload> WhenAsync(IBitsUploadQueue queue, Guid id, Predicate<BitsQueuedUpload> isAwaited)
    {
        await foreach (BitsQueuedUpload upload in queue.WatchAsync(id))
        {
            if (isAwaited(upload))
            {
                return upload;
            }
        }

        throw new AssertionException("It has ended.");
    }

    // An upload that a host has put back in the middle.
    private async Task<(Guid Id, IBitsUploadQueue Queue)> InterruptAsync()
    {
        BitsGate gate = Rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        IHost host = await Rig.StartAsync();
        Guid id = await QueueRig.QueueOf(host).EnqueueAsync(Rig.Request());
        await gate.Reached;
        await host.StopAsync();
        gate.Release();
        host.Dispose();
        return (id, Rig.Queue());
    }

    private Task<object?> GiveAwayAsync() =>
        Rig.SqlAsync("UPDATE bits_upload SET owner = 'other', fence = fence + 1, lease_until = lease_until + 1000000");

    private Task WhenLoggedAsync(string part)
    {
        TaskCompletionSource logged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Rig.Logs.OnLine = line => Check(line);
        foreach (string line in Rig.Logs.Lines)
        {
            Check(line);
        }

        return logged.Task;

        void Check(string line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                logged.TrySetResult();
            }
        }
    }

    private sealed class Tokens : IBitsHeaderProvider
    {
        private int _calls;

        public ValueTask AddHeadersAsync(BitsQueuedUpload upload, BitsRequestContext request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _calls) == 1)
            {
                throw new TimeoutException("The token service is away.");
            }

            request.Request.Headers.Add("X-Token", $"token of {upload.Id}");
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Witness : IBitsUploadQueueObserver
    {
        private readonly object _gate = new();
        private readonly HashSet<string> _told = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Failures { get; set; }

        /// <summary>What an observer waits for that ignores its token.</summary>
        public TaskCompletionSource? Never { get; set; }

        public int Attempts { get; private set; }

        public Task CompletedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken) => Tell($"completed {upload.Id}");

        public Task FailedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken) => Tell($"failed {upload.Id}");

        public Task SuspendedAsync(BitsQueuedUpload upload, CancellationToken cancellationToken) => Tell($"suspended {upload.Id}");

        public Task WhenToldAsync(string what) => WhenAsync(() => _told.Contains(what));

        public Task WhenAttemptsAsync(int count) => WhenAsync(() => Attempts >= count);

        private async Task WhenAsync(Func<bool> condition)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (condition())
                    {
                        return;
                    }

                    changed = _changed.Task;
                }

                await changed;
            }
        }

        private Task Tell(string what)
        {
            lock (_gate)
            {
                Attempts++;
                _changed.SetResult();
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Never is { } never)
                {
                    return never.Task;
                }

                if (Failures-- > 0)
                {
                    throw new InvalidOperationException("Not now.");
                }

                _told.Add(what);
                return Task.CompletedTask;
            }
        }
    }
}
