using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>Where host ids are ignored, the session of a checkpoint may stay open on the host that it names.</summary>
public sealed class IgnoredHostTests
{
    [Test]
    public async Task The_checkpoint_of_the_resumed_upload_says_so([Values] bool hasHost)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { HostIdPolicy = BitsHostIdPolicy.Ignore });
        BitsUploadCheckpoint saved = States.Least with { HostId = hasHost ? "node-2.bits.test" : null };
        await using IBitsUploadJob job = rig.Client.ResumeJob(saved, BitsUploadSource.FromMemory(new byte[1]));
        Assert.That(
            (job.Checkpoint!.HostId, job.Checkpoint.OtherSessions.Count == 1, job.SessionId),
            Is.EqualTo(((string?)null, hasHost, saved.SessionId)));
    }
}
