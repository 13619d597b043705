using BitsClient.Machine;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>A failure says whether the whole file may be on the server. Fragments have 1000 bytes, and the file has 10,000.</summary>
public sealed class MayBeCompleteTests
{
    private const string Refusal = "the server answered 409 with 0x80070050 ERROR_FILE_EXISTS from the server itself.";

    private const string Sentence =
        " Every byte was acknowledged before, and Close-Session was sent, so the file may already be on the server.";

    [Test]
    public async Task A_lost_ack_of_Close_Session_where_no_file_is_replaced([Values] BitsSessionAction onFailure)
    {
        using UploadRig rig = Rig(onFailure, allowOverwrite: false);
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.DropAfterHandling());
        BitsServerException e = (BitsServerException)await FailureAsync(rig);
        Assert.That(e.Message, Does.EndWith($": {Refusal}{Sentence}"));
        Assert.That((e.PacketType, e.MayBeComplete), Is.EqualTo((BitsPacketType.CreateSession, true)));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task Where_the_file_was_there_before_nothing_is_claimed()
    {
        using UploadRig rig = Rig(allowOverwrite: false);
        await using (IBitsUploadJob first = rig.CreateJob())
        {
            await first.RunAsync();
        }

        BitsUploadException e = await FailureAsync(rig);
        Assert.That(e.Message, Does.EndWith($": {Refusal}"));
        Assert.That(e.MayBeComplete, Is.False);
    }

    [TestCase(3, false)]
    [TestCase(10, true, Description = "the last one")]
    public async Task A_fragment_that_is_refused(int occurrence, bool mayBeComplete)
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403) { AfterHandling = true }, occurrence);
        BitsUploadException e = await FailureAsync(rig);
        Assert.That(e.MayBeComplete, Is.EqualTo(mayBeComplete));
        Assert.That(e.MayBeComplete, Is.EqualTo(e.Checkpoint!.MayBeComplete));
    }

    [Test]
    public async Task A_Close_Session_that_is_refused([Values] BitsSessionAction onFailure)
    {
        using UploadRig rig = Rig(onFailure);
        rig.Server.InjectEvery(BitsPacketNames.CloseSession, new BitsFault.Answer(403));
        Assert.That((await FailureAsync(rig)).MayBeComplete, Is.True);
    }

    [Test]
    public async Task A_later_session_that_fails_in_mid_file()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.DropAfterHandling());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 13);
        BitsUploadException e = await FailureAsync(rig);
        Assert.That((e.MayBeComplete, e.Checkpoint!.MayBeComplete), Is.EqualTo((true, false)));
        Assert.That(e.Message, Does.Not.Contain("Close-Session"));
    }

    [TestCase(30, false, false, true)]
    [TestCase(29, false, false, false)]
    [TestCase(30, true, false, false, Description = "the reply was downloaded next")]
    [TestCase(30, true, true, true)]
    public void Close_Session_was_sent_only_if_it_was_its_turn(long offset, bool wantsReply, bool isReplyReceived, bool wasSent)
    {
        UploadState state = new()
        {
            Url = UploadRig.Url,
            Options = MachineOptions.From(new BitsUploadOptions().Checked("options")),
            Total = 30,
            WantsReply = wantsReply,
            Session = new OpenSession { Id = "id", Offset = offset, ReplyReceived = isReplyReceived },
        };
        UploadState lost = state.WithoutSession(SessionFate.Gone);
        UploadState again = (lost with { Session = new OpenSession { Id = "next" } }).WithoutSession(SessionFate.Gone);
        Assert.That(lost.Ledger.CloseWasSent, Is.EqualTo(wasSent));
        Assert.That(again.Ledger.CloseWasSent, Is.EqualTo(wasSent), "it is not forgotten");
    }

    private static UploadRig Rig(BitsSessionAction onFailure = BitsSessionAction.KeepSession, bool allowOverwrite = true)
    {
        UploadRig rig = new(
            new BitsTestServerOptions { AllowOverwrite = allowOverwrite },
            new BitsUploadOptions { FixedFragmentSize = 1000, OnFailure = onFailure });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        return rig;
    }

    private static async Task<BitsUploadException> FailureAsync(UploadRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        return Assert.CatchAsync<BitsUploadException>(() => job.RunAsync())!;
    }
}
