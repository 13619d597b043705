using BitsClient.Content;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>A reply is on disk before it replaces the target file, and before its session is closed.</summary>
public sealed class ReplyFlushTests
{
    [Test]
    public async Task A_complete_reply_is_flushed_to_disk_before_it_replaces_the_target_file()
    {
        using TemporaryFile file = new("an older reply"u8.ToArray());
        FlushWatch watch = new(file.Path);
        using FarmRig rig = new(new BitsTestServerOptions { Reply = _ => UploadRig.Bytes(300_000) });
        await using IBitsUploadJob job = rig.CreateJob(reply: FileReplyTarget.At(file.Path, watch.Create));
        await job.RunAsync();
        Assert.That(watch.Flushes, Is.EqualTo(new[] { (300_000L, "an older reply") }));
        Assert.That(await File.ReadAllBytesAsync(file.Path), Is.EqualTo(UploadRig.Bytes(300_000)));
    }
}
