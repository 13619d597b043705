using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>What others may do with a file while it is a source, and that it is free for them as soon as it is none.</summary>
public sealed class FileSourceSharingTests
{
    [Test]
    public void Others_may_read_it_and_upload_it_too_but_not_open_it_for_themselves_alone()
    {
        using TemporaryFile file = new(UploadRig.Bytes(10));
        using BitsUploadSource source = BitsUploadSource.FromFile(file.Path);
        Assert.That(() => File.Open(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose(), Throws.Nothing);
        Assert.That(() => BitsUploadSource.FromFile(file.Path).Dispose(), Throws.Nothing);
        Assert.That(() => OpenExclusively(file.Path), Throws.TypeOf<IOException>());
    }

    [Test]
    public void An_empty_file_that_was_refused_is_free()
    {
        using TemporaryFile file = new([]);
        Assert.That(() => BitsUploadSource.FromFile(file.Path), Throws.ArgumentException);
        AssertFree(file.Path);
    }

    [Test]
    public void A_file_whose_name_was_refused_is_free()
    {
        using TemporaryFile file = new(UploadRig.Bytes(10));
        Assert.That(() => BitsUploadSource.FromFile(file.Path, "a\nb.txt"), Throws.ArgumentException);
        AssertFree(file.Path);
    }

    [Test]
    public void A_file_that_no_job_came_of_is_free()
    {
        using UploadRig rig = new();
        using TemporaryFile file = new(rig.File);
        Assert.That(() => rig.Client.UploadFileAsync(file.Path, new Uri("a.zip", UriKind.Relative)), Throws.ArgumentException);
        AssertFree(file.Path);
    }

    [Test]
    public async Task A_file_whose_job_was_disposed_of_is_free()
    {
        using UploadRig rig = new();
        using TemporaryFile file = new(rig.File);
        await using (IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url))
        {
            await job.RunAsync();
            Assert.That(() => OpenExclusively(file.Path), Throws.TypeOf<IOException>());
        }

        AssertFree(file.Path);
    }

    private static void AssertFree(string path) => Assert.That(() => OpenExclusively(path), Throws.Nothing);

    private static void OpenExclusively(string path) => File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
}
