using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>An upload is resumed with a reply target exactly when it expects a reply.</summary>
public sealed class ResumedReplyTargetTests
{
    private static readonly BitsUploadCheckpoint Checkpoint = new()
    {
        Url = UploadRig.Url,
        SessionId = "id",
        BytesAcknowledged = 0,
        BytesTotal = 3,
    };

    [Test]
    public void An_upload_that_expects_a_reply_is_not_resumed_without_a_target()
    {
        using UploadRig rig = new();
        using MemoryStream file = new(new byte[3]);
        Assert.That(
            () => rig.Client.ResumeJob(Checkpoint with { ExpectsReply = true }, BitsUploadSource.FromStream(file)),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("reply").And.Message.StartsWith("The upload expects a reply"));
        Assert.That(file.CanRead, Is.False, "the source is released");
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public void An_upload_that_expects_no_reply_is_not_resumed_with_a_target()
    {
        using UploadRig rig = new();
        using MemoryStream file = new(new byte[3]);
        using MemoryStream reply = new();
        Assert.That(
            () => rig.Client.ResumeJob(Checkpoint, BitsUploadSource.FromStream(file), BitsReplyTarget.ToStream(reply)),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("reply").And.Message.StartsWith("The upload expects no reply."));
        Assert.That((file.CanRead, reply.CanWrite), Is.EqualTo((false, false)), "the source and the target are released");
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task A_target_is_accepted_exactly_when_a_reply_is_expected([Values] bool expectsReply)
    {
        using UploadRig rig = new();
        using MemoryStream reply = new();
        BitsReplyTarget? target = expectsReply ? BitsReplyTarget.ToStream(reply) : null;
        BitsUploadCheckpoint checkpoint = Checkpoint with { ExpectsReply = expectsReply };
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(new byte[3]), target);
        Assert.That(job.Checkpoint!.ExpectsReply, Is.EqualTo(expectsReply));
    }
}
