using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>The exception of a canceled upload has the token that canceled it and the failure that matters most.</summary>
public sealed class CanceledExceptionTests
{
    [Test]
    public async Task It_has_the_token_of_the_caller_only_if_that_fired([Values] bool byToken)
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsGate gate = rig.Server.HoldBody(4, 500);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await (byToken ? cancel.CancelAsync() : job.CancelAsync());

        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.CancellationToken, Is.EqualTo(byToken ? cancel.Token : CancellationToken.None));
    }

    [Test]
    public async Task A_caller_that_blocks_after_its_cancel_does_not_hold_up_the_run()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsGate gate = rig.Server.HoldBody(4, 500);
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task blocked = job.CancelAsync().ContinueWith(
            _ => ((IAsyncResult)running).AsyncWaitHandle.WaitOne(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        await blocked;
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    [Test]
    public async Task The_last_failure_of_the_cancel_counts_if_its_time_elapses()
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(503));
        rig.Server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(500), occurrence: 2);
        BitsGate silence = rig.Server.HoldRequest(BitsPacketNames.CancelSession, 3);
        BitsGate gate = rig.Server.HoldBody(4, 500);
        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await gate.ReachedByAsync(running);
        await cancel.CancelAsync();
        await silence.ReachedByAsync(running);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That((e.InnerException as BitsServerException)?.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    [Test]
    public async Task The_failure_of_the_cancel_counts_more_than_that_of_the_last_packet([Values] bool cancelFails)
    {
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using UploadRig rig = new(handlers: new Interception(async request =>
        {
            if (request.Content?.Headers.ContentRange?.To != 9999)
            {
                return null;
            }

            // The last byte has left, so the answer is awaited, and it is a refusal.
            await request.Content!.CopyToAsync(Stream.Null);
            sent.SetResult();
            await answered.Task;
            return new HttpResponseMessage(HttpStatusCode.Forbidden) { RequestMessage = request };
        }));
        if (cancelFails)
        {
            rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        }

        using CancellationTokenSource cancel = new();
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
        await Task.WhenAny(sent.Task, running);
        await cancel.CancelAsync();
        answered.SetResult();

        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => running)!;
        Assert.That(
            (e.InnerException as BitsServerException)?.PacketType,
            Is.EqualTo(cancelFails ? BitsPacketType.CancelSession : BitsPacketType.Fragment));
    }
}
