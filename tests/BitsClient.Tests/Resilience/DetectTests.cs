using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>
/// D1: where it is unknown how much a server has, one byte that it acknowledged shows whether it keeps the offset of a session. Fragments
/// have 1000 bytes.
/// </summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class DetectTests(BitsServerDialect dialect)
{
    // How many probes find out that the server has more than it acknowledged: a 416 stores nothing, so that it needs no confirmation.
    private int Confirmed => dialect is BitsServerDialect.Win32 ? 2 : 1;

    [Test]
    public async Task D1_A_server_that_keeps_offsets_gets_a_probe_and_then_the_rest()
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        BitsUploadResult result = await RunAsync(rig);
        string[] probes = [.. Enumerable.Repeat("999-999", Confirmed)];
        Assert.That(Ranges(rig).Skip(2).Take(Confirmed + 2), Is.EqualTo((string[])["2000-2999", .. probes, "3000-3999"]));
        Assert.That((result.BytesResent, rig.Server.Sessions.Count), Is.EqualTo((Confirmed, 1)));
    }

    [Test]
    public async Task D1_One_probe_is_enough_if_the_server_has_no_more_than_it_acknowledged()
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
        await RunAsync(rig);
        Assert.That(Ranges(rig).Skip(2).Take(3), Is.EqualTo(new[] { "2000-2999", "999-999", "2000-2999" }));
    }

    [Test]
    public async Task D1_A_server_that_has_one_byte_more_keeps_its_session()
    {
        using UploadRig rig = Rig(dialect, keepsBroken: true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(1), occurrence: 3);
        await RunAsync(rig);
        string[] probes = [.. Enumerable.Repeat("999-999", Confirmed)];
        Assert.That(Ranges(rig).Skip(2).Take(Confirmed + 2), Is.EqualTo((string[])["2000-2999", .. probes, "2001-3000"]));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task D1_The_last_byte_of_a_file_does_not_cost_the_session()
    {
        using UploadRig rig = Rig(dialect, fragmentSize: 9_999);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 2);
        await RunAsync(rig);
        Assert.That(Ranges(rig).Skip(1), Is.EqualTo((string[])["9999-9999", .. Enumerable.Repeat("4999-4999", Confirmed)]));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task D1_The_answer_is_remembered_for_the_host()
    {
        using UploadRig rig = Rig(dialect);
        for (int upload = 0; upload < 2; upload++)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
            await RunAsync(rig);
            rig.Server.ClearFaults();
        }

        Assert.That(Ranges(rig).Count(range => range == "999-999"), Is.EqualTo(1));
    }

    [Test]
    public async Task D1_A_server_that_appends_gets_no_byte_twice()
    {
        using UploadRig rig = Rig(dialect, appends: true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        BitsUploadResult result = await RunAsync(rig);
        Assert.That(rig.Server.Sessions.Select(session => session.State), Is.EqualTo(
            new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
        Assert.That(result.BytesResent, Is.EqualTo(3001));

        // Known now: the next doubt needs no probe.
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        await RunAsync(rig);
        Assert.That(Ranges(rig).Count(range => range == "999-999"), Is.EqualTo(1));
    }

    [Test]
    public async Task D1_Before_anything_is_acknowledged_a_new_session_begins()
    {
        using UploadRig rig = Rig(dialect, appends: true);
        for (int failure = 1; failure <= 4; failure++)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: failure);
        }

        await RunAsync(rig);
        Assert.That(Ranges(rig).Take(5), Is.All.EqualTo("0-999"));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(5), "restarts count only if something is lost");
    }

    [TestCase(0, "1")]
    [TestCase(0, "2001", "2002")]
    [TestCase(600, "2601", "2602")]
    [TestCase(1000, "3001", "3002")]
    [TestCase(0, "1501", "1502", Description = "it has lost what it had acknowledged")]
    [TestCase(0, "2100", "2200", "2300", "2400", "2500", "2600", Description = "it is never the same")]
    public async Task D1_An_offset_that_probes_themselves_explain_does_not_count(int stored, params string[] offsets)
    {
        using UploadRig rig = Rig(dialect, appends: true, keepsBroken: true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(stored), occurrence: 3);
        for (int i = 0; i < offsets.Length; i++)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange(offsets[i]), occurrence: 4 + i);
        }

        await RunAsync(rig);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(Ranges(rig).Skip(3).TakeWhile(range => range == "999-999").Count(), Is.EqualTo(offsets.Length));
    }

    [Test]
    public async Task D1_A_fragment_that_still_arrives_does_not_cost_the_session()
    {
        Assume.That(dialect, Is.EqualTo(BitsServerDialect.Win32), "a 416 stores nothing, so that one probe is enough");
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("2400"), occurrence: 4);
        await RunAsync(rig);
        Assert.That(Ranges(rig).Skip(3).Take(4), Is.EqualTo(new[] { "999-999", "999-999", "999-999", "3000-3999" }));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task D1_A_second_probe_that_is_refused_proves_nothing_and_the_first_may_be_stored()
    {
        using UploadRig rig = Rig(dialect, appends: true, keepsBroken: true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("2601"), occurrence: 4);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(400), occurrence: 5);
        await RunAsync(rig);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [TestCase(404)]
    [TestCase(409)]
    [TestCase(410)]
    public async Task L5_A_session_that_is_lost_with_a_connection_is_replaced(int status)
    {
        using UploadRig rig = RefusingProbe(dialect, status);
        await RunAsync(rig);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [TestCase(302)]
    [TestCase(403)]
    [TestCase(413)]
    [TestCase(501)]
    public async Task A_refusal_of_a_probe_that_would_meet_any_packet_does_not_cost_the_session(int status)
    {
        using UploadRig rig = RefusingProbe(dialect, status);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.SessionId, Is.EqualTo(rig.Server.Sessions.Single().Id));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task An_offset_that_is_no_number_proves_nothing()
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("none"), occurrence: 4);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.ServerKeepsOffsets, Is.Null);
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_conflict_of_the_application_that_lasts_does_not_cost_the_session()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, ResendPolicy = BitsResendPolicy.Resynchronize };
        using UploadRig rig = new(dialect, options);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        BitsFault busy = new BitsFault.Answer(409) { ErrorContext = "0x7" };
        rig.Server.Inject(BitsPacketNames.Fragment, busy, occurrence: 10);
        rig.Server.Inject(BitsPacketNames.Fragment, busy, occurrence: 11);
        await RunAsync(rig);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [TestCase(400)]
    [TestCase(404)]
    public async Task L5_So_is_one_at_a_server_that_is_known_to_keep_offsets(int status)
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 7);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false }, occurrence: 8);
        await RunAsync(rig);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(Ranges(rig).Count(range => range == "999-999"), Is.EqualTo(1));
    }

    [Test]
    public async Task D1_An_answer_that_says_nothing_about_offsets_is_as_none()
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(400), occurrence: 4);
        await RunAsync(rig);
        Assert.That(Ranges(rig).Skip(3).Take(2), Is.EqualTo(new[] { "999-999", "2000-2999" }));
    }

    [Test]
    public async Task D1_An_upload_that_was_killed_is_resumed_with_a_probe([Values] bool appends)
    {
        BitsUploadCheckpoint? saved = null;
        using UploadRig rig = Rig(dialect, appends);
        BitsGate gate = rig.Server.HoldBody(4, 500);
        IBitsUploadJob killed = rig.CreateJob();
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        saved = killed.Checkpoint!;
        await killed.DisposeAsync();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That((saved.BytesAcknowledged, saved.BytesSentAtMost), Is.EqualTo((3000, 4000)), "the fragment in flight is in it");

        await using IBitsUploadJob resumed = rig.Client.ResumeJob(saved, BitsUploadSource.FromMemory(rig.File));
        await resumed.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(Ranges(rig).ElementAt(4), Is.EqualTo("1499-1499"));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(appends ? 2 : 1));
    }

    [Test]
    public async Task D1_What_was_learned_of_a_host_applies_to_a_checkpoint_that_does_not_know_it()
    {
        using UploadRig rig = Rig(dialect, appends: true);
        BitsGate gate = rig.Server.HoldBody(4, 500);
        IBitsUploadJob killed = rig.CreateJob();
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        BitsUploadCheckpoint saved = killed.Checkpoint!;
        await killed.DisposeAsync();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        await RunAsync(rig);

        await using IBitsUploadJob resumed = rig.Client.ResumeJob(saved, BitsUploadSource.FromMemory(rig.File));
        await resumed.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(Ranges(rig).Count(range => range is "999-999" or "1499-1499"), Is.EqualTo(1), "that of the upload in between");
    }

    [Test]
    public async Task D1_A_probe_that_is_a_bad_request_does_not_cost_a_resumed_session()
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(400));
        await using IBitsUploadJob resumed = rig.Client.ResumeJob(
            e.Checkpoint! with { BytesSentAtMost = null }, BitsUploadSource.FromMemory(rig.File));
        await resumed.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task D3_What_another_job_has_sent_of_the_session_meanwhile_is_not_sent_again([Values] bool appends)
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(dialect, appends, keepsSession: true, store: store);
        BitsUploadCheckpoint first = await StoppedAsync(rig, rig.CreateJob(), fragment: 3);
        await using IBitsUploadJob late = rig.Client.ResumeJob(first, BitsUploadSource.FromMemory(rig.File));
        BitsUploadCheckpoint second =
            await StoppedAsync(rig, rig.Client.ResumeJob(first, BitsUploadSource.FromMemory(rig.File)), fragment: 3);
        Assert.That((first.SessionId, first.BytesAcknowledged < second.BytesAcknowledged), Is.EqualTo((second.SessionId, true)));

        await late.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(Ranges(rig).Distinct().Count(), Is.EqualTo(10));
    }

    [Test]
    public async Task D3_A_store_that_fails_leaves_a_checkpoint_that_is_in_doubt()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(dialect, appends: true, store: store);
        store.OnCall = call => call is "lock" or "save 0" ? Task.CompletedTask : throw new IOException("The disk is full.");
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 5);
        IBitsUploadJob killed = rig.CreateJob();
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        BitsUploadCheckpoint saved = store.Only!;
        Assert.That(saved.BytesSentAtMost, Is.GreaterThan(saved.BytesAcknowledged));
        await killed.DisposeAsync();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());

        await using IBitsUploadJob resumed = rig.Client.ResumeJob(saved, BitsUploadSource.FromMemory(rig.File));
        store.OnCall = _ => Task.CompletedTask;
        await resumed.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task D2_An_exact_checkpoint_leaves_nothing_to_find_out()
    {
        using UploadRig rig = Rig(dialect, appends: true);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.BytesSentAtMost, Is.EqualTo(3000));
        await using IBitsUploadJob resumed = rig.Client.ResumeJob(e.Checkpoint, BitsUploadSource.FromMemory(rig.File));
        await resumed.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task D2_A_stop_that_keeps_the_session_lets_a_fragment_end([Values] bool byToken)
    {
        using UploadRig rig = Rig(dialect, keepsSession: true);
        rig.Time.GracePassesAtOnce = false;
        BitsGate gate = rig.Server.HoldBody(4, 500);
        using CancellationTokenSource stop = new();
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(running);
        Task stopping = byToken ? stop.CancelAsync() : job.DisposeAsync().AsTask();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(1));
        gate.Release();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        await stopping;
        await job.DisposeAsync();
        Assert.That((e.Checkpoint!.BytesAcknowledged, e.Checkpoint.BytesSentAtMost), Is.EqualTo((4000, 4000)));
    }

    [Test]
    public async Task D3_Nothing_beyond_what_was_sent_is_believed_after_a_restart()
    {
        using UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("10000"));
        await using IBitsUploadJob resumed = rig.Client.ResumeJob(e.Checkpoint!, BitsUploadSource.FromMemory(rig.File));
        await resumed.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2), "a server that claims that is not believed at all");
    }

    [Test]
    public async Task A_fixed_size_does_not_make_a_small_fragment_large()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 8000, ResendPolicy = BitsResendPolicy.Resynchronize };
        using UploadRig rig = new(dialect, options);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600));
        await RunAsync(rig);
        Assert.That(Ranges(rig).ElementAt(1), Is.EqualTo("0-5119"));
    }

    private static UploadRig Rig(
        BitsServerDialect dialect,
        bool appends = false,
        bool keepsBroken = false,
        bool keepsSession = false,
        IBitsCheckpointStore? store = null,
        int fragmentSize = 1000)
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = fragmentSize,
            CheckpointStore = store,
            OnCancellation = keepsSession ? BitsSessionAction.KeepSession : BitsSessionAction.CancelSession,
        };
        BitsTestServerOptions server = new() { Dialect = dialect, AppendsAndEchoes = appends, KeepBrokenFragments = keepsBroken };
        return new UploadRig(server, options)
        {
            Time = { PassesAtOnce = TimeSpan.FromMinutes(1) },
        };
    }

    // A connection breaks, and the probe after it is refused.
    private static UploadRig RefusingProbe(BitsServerDialect dialect, int status)
    {
        UploadRig rig = Rig(dialect);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 3);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false }, occurrence: 4);
        return rig;
    }

    private static async Task<BitsUploadResult> RunAsync(UploadRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        rig.Server.AssertNoViolations();
        return result;
    }

    // Stops a job that keeps its session while a fragment is sent, which ends.
    private static async Task<BitsUploadCheckpoint> StoppedAsync(UploadRig rig, IBitsUploadJob job, int fragment)
    {
        rig.Time.GracePassesAtOnce = false;
        BitsGate gate = rig.Server.HoldBody(fragment, 500);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task stopping = job.DisposeAsync().AsTask();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(1));
        gate.Release();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        await stopping;
        return e.Checkpoint!;
    }

    private static IEnumerable<string> Ranges(UploadRig rig) => rig.Server.Dialogue
        .Select(exchange => exchange.RequestHeader("Content-Range"))
        .OfType<string>()
        .Select(range => range["bytes ".Length..range.IndexOf('/')]);
}
