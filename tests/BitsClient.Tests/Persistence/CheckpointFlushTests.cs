using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A checkpoint is on disk before it replaces the previous one: after a power failure, one of them is there.</summary>
public sealed class CheckpointFlushTests
{
    [Test]
    public async Task A_complete_checkpoint_is_flushed_to_disk_before_it_replaces_the_previous_one()
    {
        using TemporaryFile place = new([]);
        string path = Path.Combine(place.Folder, $"{States.Full.Id}.json");
        FlushWatch watch = new(path);
        BitsFileCheckpointStore store = new(place.Folder, watch.Create);
        await store.SaveAsync(States.Full);
        string first = await File.ReadAllTextAsync(path);
        long length = new FileInfo(path).Length;
        await store.SaveAsync(States.Full with { BytesAcknowledged = 1 });
        Assert.That(watch.Flushes, Is.EqualTo(new[] { (length, (string?)null), (new FileInfo(path).Length, first) }));
    }

    [Test]
    public async Task A_small_upload_flushes_one_file_to_disk_and_leaves_none()
    {
        using TemporaryFile place = new([]);
        FlushWatch watch = new(place.Path);
        BitsFileCheckpointStore store = new(place.Folder, watch.Create);
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = store });
        await using (IBitsUploadJob job = rig.CreateJob())
        {
            await job.RunAsync();
        }

        Assert.That(watch.Flushes, Has.Count.EqualTo(1));
        Assert.That(Directory.GetFiles(place.Folder), Is.EqualTo(new[] { place.Path }));
    }
}
