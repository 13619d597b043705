using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>Run, cancel, token and dispose at the same moment: one of them wins, and all report the same outcome.</summary>
public sealed class CancelRaceTests
{
    private const int Rounds = 200;

    [Test]
    public async Task A_cancel_and_a_run_that_start_together_report_the_same_outcome()
    {
        for (int round = 0; round < Rounds; round++)
        {
            using UploadRig rig = new();
            await using IBitsUploadJob job = rig.CreateJob();
            await AssertAgreement(rig, job);
        }
    }

    [Test]
    public async Task A_cancel_and_a_second_run_after_a_failure_report_the_same_outcome()
    {
        for (int round = 0; round < Rounds; round++)
        {
            using UploadRig rig = new(handlers: Interception.Of("Fragment", HttpStatusCode.Forbidden, times: 1, after: 3));
            await using IBitsUploadJob job = rig.CreateJob();
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
            await AssertAgreement(rig, job);
        }
    }

    [Test]
    public async Task A_run_that_starts_during_a_cancel_does_not_change_its_outcome()
    {
        // A session that can no longer be used: another run would replace it.
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            ResendPolicy = BitsResendPolicy.NewSession,
            Retry = { MaxRetries = 0 },
        };
        using UploadRig rig = new(options: options);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(500));
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CancelSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>());
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await gate.ReachedByAsync(canceling);
        Task<BitsUploadResult> running = job.RunAsync();
        gate.Release();
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task A_token_that_fires_in_the_first_report_sends_nothing()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        ProgressHandler canceling = new(_ => cancel.Cancel());
        Assert.That(() => job.RunAsync(canceling, cancel.Token), Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task A_cancel_sends_nothing_while_the_last_ack_is_awaited()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 10);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await rig.Time.WhenArmed(new BitsUploadOptions().CancelTimeout);
        gate.Release();
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.AlreadyCompleted));
        await running;
        Assert.That(rig.Packets(), Does.EndWith("Fragment, Close-Session").And.Not.Contain("Cancel-Session"));
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task Dispose_waits_for_the_Cancel_Session_that_a_token_started()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate fragment = rig.Server.HoldAck(BitsPacketNames.Fragment, 4);
        BitsGate canceling = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await fragment.ReachedByAsync(running);
        await cancel.CancelAsync();
        Task disposing = job.DisposeAsync().AsTask();
        await canceling.ReachedByAsync(disposing);
        Assert.That(disposing.IsCompleted, Is.False);
        canceling.Release();
        await disposing;
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    [Test]
    public async Task Dispose_while_Create_Session_has_no_answer_ends_the_run_as_Unconfirmed()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task disposing = job.DisposeAsync().AsTask();
        await rig.Time.WhenArmed(new BitsUploadOptions().CancelTimeout);
        rig.Time.Advance(new BitsUploadOptions().CancelTimeout);
        await disposing;
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.Unconfirmed));
    }

    [Test]
    public async Task A_cancellation_callback_that_throws_does_not_prevent_the_cancel()
    {
        using UploadRig rig = new(handlers: new ThrowingCallback());
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 4);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    private static async Task AssertAgreement(UploadRig rig, IBitsUploadJob job)
    {
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        Task<BitsUploadResult> running = job.RunAsync();
        BitsCancelOutcome outcome = await canceling;
        try
        {
            await running;
            Assert.That(outcome, Is.EqualTo(BitsCancelOutcome.AlreadyCompleted), rig.Packets());
        }
        catch (BitsUploadCanceledException e)
        {
            Assert.That(outcome, Is.EqualTo(e.Outcome), rig.Packets());
        }

        rig.Server.AssertNoViolations();
        Assert.That(rig.Server.OpenSessionCount, Is.Zero, rig.Packets());
    }

    private sealed class ThrowingCallback : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using (cancellationToken.Register(() => throw new InvalidOperationException("The application's callback failed.")))
            {
                return await base.SendAsync(request, cancellationToken);
            }
        }
    }
}
