using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Substitution;

/// <summary>
/// Code that takes an <see cref="IBitsUploadClient"/> can be tested without a server: everything that the library returns or throws can
/// be made by hand, and the code cannot tell a fake from the real client.
/// </summary>
public sealed class SubstitutionTests
{
    private static readonly Uri Url = new("http://bits.test/reports/a.zip");

    private static readonly BitsUploadCheckpoint Checkpoint = new()
    {
        Url = Url,
        SessionId = "session-1",
        BytesAcknowledged = 1,
        BytesTotal = 3,
    };

    [Test]
    public async Task A_result_can_be_returned()
    {
        (ReportUploader uploader, FakeClient client) = Fake(_ => Task.FromResult(new BitsUploadResult
        {
            Url = Url,
            SessionId = "session-1",
            BytesTransferred = 3,
            BytesResent = 0,
            Fragments = 1,
            Retries = 0,
            Elapsed = TimeSpan.FromSeconds(1),
        }));
        Assert.That(await DeliverAsync(uploader), Is.EqualTo("delivered 3 bytes"));
        Assert.That(client.Calls, Is.EqualTo(new[] { $"create {Url}" }));
    }

    [Test]
    public async Task A_BitsServerException_can_be_thrown_with_its_checkpoint()
    {
        (ReportUploader uploader, FakeClient client) = Fake(_ => throw new BitsServerException("Refused.", HttpStatusCode.Conflict)
        {
            ErrorCode = 0x80070070,
            ErrorContext = 0x7,
            Checkpoint = Checkpoint,
        });
        Assert.That(await DeliverAsync(uploader), Is.EqualTo("the application refused it: ERROR_DISK_FULL"));
        Assert.That(uploader.Pending, Is.SameAs(Checkpoint));
        Assert.That(await uploader.GiveUpAsync(), Is.True);
        Assert.That(client.Calls, Is.EqualTo(new[] { $"create {Url}", "cancel session-1" }));
    }

    [TestCase(BitsFailureReason.Network, true, "try again later: Network")]
    [TestCase(BitsFailureReason.Timeout, true, "try again later: Timeout")]
    [TestCase(BitsFailureReason.Hook, false, "failed: Hook")]
    public async Task A_BitsUploadException_can_be_thrown_with_its_reason_and_resumed(
        BitsFailureReason reason, bool isTransient, string expected)
    {
        (ReportUploader uploader, FakeClient client) = Fake(_ => throw new BitsUploadException("Failed.")
        {
            Reason = reason,
            IsTransient = isTransient,
            Checkpoint = Checkpoint,
        });
        Assert.That(await DeliverAsync(uploader), Is.EqualTo(expected));
        Assert.That(await DeliverAsync(uploader), Is.EqualTo(expected));
        Assert.That(client.Calls, Is.EqualTo(new[] { $"create {Url}", "resume session-1" }));
    }

    [Test]
    public async Task A_BitsUploadCanceledException_can_be_thrown_with_its_outcome()
    {
        using CancellationTokenSource cancel = new();
        await cancel.CancelAsync();
        (ReportUploader uploader, _) = Fake(
            token => throw new BitsUploadCanceledException(BitsCancelOutcome.SessionKept, Checkpoint, cancellationToken: token));
        Assert.That(await uploader.DeliverAsync([1, 2, 3], Url, cancel.Token), Is.EqualTo("canceled: SessionKept"));
        Assert.That(uploader.Pending, Is.SameAs(Checkpoint));
    }

    [Test]
    public async Task The_same_class_works_with_the_real_client()
    {
        using UploadRig rig = new();
        ReportUploader uploader = new(rig.Client);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        Assert.That(await uploader.DeliverAsync(rig.File, UploadRig.Url), Is.EqualTo("failed: Server"));
        Assert.That(await uploader.DeliverAsync(rig.File, UploadRig.Url), Is.EqualTo("delivered 10000 bytes"));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1), "the checkpoint was resumed");
        Assert.That(uploader.Pending, Is.Null);
    }

    private static (ReportUploader Uploader, FakeClient Client) Fake(Func<CancellationToken, Task<BitsUploadResult>> run)
    {
        FakeClient client = new(run);
        return (new ReportUploader(client), client);
    }

    private static Task<string> DeliverAsync(ReportUploader uploader) => uploader.DeliverAsync([1, 2, 3], Url);
}
