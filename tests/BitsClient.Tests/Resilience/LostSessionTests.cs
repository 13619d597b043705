using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>Servers say in many ways that they no longer know a session. Fragments have 1000 bytes.</summary>
public sealed class LostSessionTests
{
    [Test]
    public async Task L5_The_first_fragment_of_a_resumed_run_that_is_refused_gets_a_new_session(
        [Values(400, 401, 404, 409, 410)] int status)
    {
        using UploadRig rig = Failed(out IBitsUploadJob failed);
        await using IBitsUploadJob job = failed;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false });
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
    }

    [Test]
    public async Task L5_Whatever_a_server_answers_for_a_session_that_it_lost_the_upload_continues_in_a_new_one(
        [Values(400, 401, 404, 409, 410, 500)] int status)
    {
        using UploadRig rig = Failed(out IBitsUploadJob failed, new BitsTestServerOptions { UnknownSessionStatus = status });
        await using IBitsUploadJob job = failed;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession());
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo(new[] { BitsTestSessionState.Lost, BitsTestSessionState.Closed }));
    }

    [Test]
    public async Task A_refusal_that_means_something_else_is_final([Values(403, 501)] int status)
    {
        using UploadRig rig = Failed(out IBitsUploadJob failed);
        await using IBitsUploadJob job = failed;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(status));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Credentials_that_expire_while_a_connection_breaks_do_not_cost_the_session()
    {
        using UploadRig rig = Failed(out IBitsUploadJob failed);
        await using IBitsUploadJob job = failed;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(600), occurrence: 2);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(401) { Ack = false }, occurrence: 3);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(e.Checkpoint!.SessionId, Is.EqualTo(rig.Server.Sessions.Single().Id));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_refusal_of_a_later_fragment_is_final()
    {
        using UploadRig rig = Failed(out IBitsUploadJob failed);
        await using IBitsUploadJob job = failed;
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(409), occurrence: 2);
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task L5_An_error_5xx_that_outlives_the_retries_gets_a_new_session(
        [Values(500, 507, 599)] int status, [Values(0, 1, 5)] int retries)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRetries = retries } });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        int passed = 3;
        string? lost = null;
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false }, () =>
        {
            lost ??= passed-- > 0 ? null : rig.Server.Sessions[^1].Id;
            return lost is not null && rig.Server.Sessions[^1].Id == lost;
        });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_server_that_stays_busy_ends_the_upload_and_does_not_cost_the_session([Values(502, 503, 504)] int status)
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        int passed = 3;
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(status) { Ack = false }, () => passed-- <= 0);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That((e.Checkpoint!.BytesAcknowledged, rig.Server.Sessions.Count), Is.EqualTo((3000, 1)));
    }

    [Test]
    public async Task A_server_that_acknowledged_nothing_does_not_get_another_session()
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(500) { Ack = false });
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(rig.SessionIdsOf(BitsPacketNames.Fragment).Distinct().Count(), Is.EqualTo(1));
    }

    // A job whose run failed with 3000 bytes acknowledged.
    private static UploadRig Failed(out IBitsUploadJob job, BitsTestServerOptions? server = null)
    {
        UploadRig rig = new(server ?? new BitsTestServerOptions());
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);
        IBitsUploadJob failed = job = rig.CreateJob();
        Assert.That(() => failed.RunAsync(), Throws.TypeOf<BitsServerException>());
        return rig;
    }
}
