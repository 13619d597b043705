using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>The hook and the store of one upload.</summary>
public sealed class JobHookAndStoreTests
{
    [Test]
    public async Task The_hook_of_the_upload_runs_after_that_of_the_client()
    {
        List<string> calls = [];
        using UploadRig rig = new(options: new BitsUploadOptions { PrepareRequest = (context, _) => Called("client", context) });
        await using IBitsUploadJob job = CreateJob(rig, new BitsJobOptions { PrepareRequest = (context, _) => Called("job", context) });
        await job.RunAsync();
        Assert.That(calls.Take(2), Is.EqualTo(new[] { "client CreateSession", "job CreateSession" }));
        Assert.That(calls, Has.Count.EqualTo(2 * rig.Server.Dialogue.Count));

        ValueTask Called(string hook, BitsRequestContext context)
        {
            calls.Add($"{hook} {context.PacketType}");
            return ValueTask.CompletedTask;
        }
    }

    [Test]
    public async Task The_hook_of_the_upload_can_answer_a_challenge()
    {
        string token = "old";
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.CreateSession, new BitsFault.Answer(401) { Ack = false });
        await using IBitsUploadJob job = CreateJob(rig, new BitsJobOptions
        {
            PrepareRequest = (context, _) =>
            {
                token = context.LastStatus is System.Net.HttpStatusCode.Unauthorized ? "new" : token;
                context.Request.Headers.Add("X-Token", token);
                return ValueTask.CompletedTask;
            },
        });
        await job.RunAsync();
        Assert.That(rig.Server.Dialogue[0].RequestHeader("X-Token"), Is.EqualTo("old"));
        Assert.That(rig.Server.Dialogue[1].RequestHeader("X-Token"), Is.EqualTo("new"));
    }

    [Test]
    public async Task A_hook_of_the_upload_that_fails_keeps_the_request_from_being_sent()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = CreateJob(rig, new BitsJobOptions
        {
            PrepareRequest = (_, _) => throw new InvalidOperationException("It is not ours any more."),
        });
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Hook));
        Assert.That(e.Message, Does.Contain("It is not ours any more."));
        Assert.That(rig.Packets(), Is.Empty);
    }

    [Test]
    public async Task The_store_of_the_upload_is_used_instead_of_that_of_the_client()
    {
        RecordingStore clients = new();
        RecordingStore own = new();
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = clients });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        await using IBitsUploadJob job = CreateJob(rig, new BitsJobOptions { CheckpointStore = own });
        Assert.That(() => job.RunAsync(), Throws.InstanceOf<BitsUploadException>());
        Assert.That(own.Only, Is.Not.Null);
        Assert.That(clients.Calls, Is.Empty);

        Assert.That(
            await rig.Client.CancelSessionAsync(own.Only!, new BitsJobOptions { CheckpointStore = own }),
            Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(own.Only, Is.Null);
    }

    [Test]
    public async Task A_cancel_also_ends_the_sessions_that_only_the_stored_checkpoint_has()
    {
        RecordingStore store = new();
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = store });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        Assert.That(() => CreateJob(rig, new BitsJobOptions()).RunAsync(), Throws.InstanceOf<BitsUploadException>());
        BitsUploadCheckpoint given = store.Only!;
        await store.SaveAsync(given with { OtherSessions = [new BitsOtherSession { Url = UploadRig.Url, SessionId = "{other}" }] });
        await rig.Client.CancelSessionAsync(given);
        Assert.That(rig.SessionIdsOf(BitsPacketNames.CancelSession), Is.EquivalentTo(new[] { given.SessionId, "{other}" }));
    }

    [Test]
    public async Task The_store_of_the_upload_is_not_searched_and_neither_is_that_of_the_client()
    {
        using TemporaryFile file = new(UploadRig.Bytes(10_000));
        RecordingStore clients = new();
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = clients, FixedFragmentSize = 1000 });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Assert.That(() => rig.Client.UploadFileAsync(file.Path, UploadRig.Url), Throws.InstanceOf<BitsUploadException>());
        await using IBitsUploadJob job = await rig.Client.CreateOrResumeJobAsync(
            BitsUploadSource.FromFile(file.Path), UploadRig.Url, options: new BitsJobOptions { CheckpointStore = new RecordingStore() });
        Assert.That(job.Id, Is.Not.EqualTo(clients.Only!.Id));
        await job.RunAsync();
        Assert.That(clients.Only, Is.Not.Null);
    }

    private static IBitsUploadJob CreateJob(UploadRig rig, BitsJobOptions options) =>
        rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File, "file.bin"), UploadRig.Url, options: options);
}
