using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>PrepareRequest runs between a packet and its request; its failures are distinguished from those of the network.</summary>
public sealed class PrepareRequestTests
{
    [Test]
    public async Task A_token_that_fires_within_the_hook_withholds_the_request()
    {
        using CancellationTokenSource cancel = new();
        using UploadRig rig = Rig(async (_, _) => await cancel.CancelAsync());
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(
            () => job.RunAsync(cancellationToken: cancel.Token))!;
        Assert.That(e.Outcome, Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(rig.Packets(), Is.Empty);
    }

    [Test]
    public async Task A_hook_that_ignores_its_token_does_not_delay_a_cancel()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource never = new();
        using UploadRig rig = Rig(async (_, _) =>
        {
            asked.TrySetResult();
            await never.Task;
        });
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await asked.Task;
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    [Test]
    public async Task A_hook_that_never_returns_times_out_and_is_named()
    {
        TaskCompletionSource never = new();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using UploadRig rig = Rig(async (_, _) =>
        {
            asked.TrySetResult();
            await never.Task;
        });
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await asked.Task;
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadException>().With.Message.Contains("PrepareRequest did not return within 5 minutes"));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
    }

    [Test]
    public async Task An_exception_from_the_hook_is_not_a_network_failure_and_nothing_is_sent()
    {
        using UploadRig rig = Rig((_, _) => throw new HttpRequestException("The token service is down."));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("PrepareRequest failed: The token service is down."));
        Assert.That(e.IsTransient, Is.False);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted), "no Create-Session can have arrived");
    }

    [Test]
    public async Task A_Cancel_Session_that_is_challenged_is_prepared_and_sent_once_more()
    {
        Interception door = Interception.Of("Cancel-Session", HttpStatusCode.Unauthorized, times: 1);
        List<HttpStatusCode?> statuses = [];
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            PrepareRequest = (context, _) =>
            {
                if (context.PacketType is BitsPacketType.CancelSession)
                {
                    statuses.Add(context.LastStatus);
                }

                return ValueTask.CompletedTask;
            },
        };
        using UploadRig rig = new(options: options, handlers: door);
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(statuses, Is.EqualTo(new HttpStatusCode?[] { HttpStatusCode.OK, HttpStatusCode.Unauthorized }));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    private static UploadRig Rig(Func<BitsRequestContext, CancellationToken, ValueTask> prepare) =>
        new(options: new BitsUploadOptions { FixedFragmentSize = 1000, PrepareRequest = prepare });
}
