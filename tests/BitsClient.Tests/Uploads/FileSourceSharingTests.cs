using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>What others can do with a file while it is a source, and that it is released as soon as it no longer is one.</summary>
public sealed class FileSourceSharingTests
{
    [Test]
    public void Others_can_read_and_upload_the_file_but_not_open_it_exclusively()
    {
        using TemporaryFile file = new(UploadRig.Bytes(10));
        using BitsUploadSource source = BitsUploadSource.FromFile(file.Path);
        Assert.That(() => File.Open(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose(), Throws.Nothing);
        Assert.That(() => BitsUploadSource.FromFile(file.Path).Dispose(), Throws.Nothing);
        Assert.That(() => OpenExclusively(file.Path), Throws.TypeOf<IOException>());
    }

    [Test]
    public void An_empty_file_that_was_refused_is_released()
    {
        using TemporaryFile file = new([]);
        Assert.That(() => BitsUploadSource.FromFile(file.Path), Throws.ArgumentException);
        AssertReleased(file.Path);
    }

    [Test]
    public void A_file_whose_name_was_refused_is_released()
    {
        using TemporaryFile file = new(UploadRig.Bytes(10));
        Assert.That(() => BitsUploadSource.FromFile(file.Path, "a\nb.txt"), Throws.ArgumentException);
        AssertReleased(file.Path);
    }

    [Test]
    public void A_file_without_a_job_is_released()
    {
        using UploadRig rig = new();
        using TemporaryFile file = new(rig.File);
        Assert.That(() => rig.Client.UploadFileAsync(file.Path, new Uri("a.zip", UriKind.Relative)), Throws.ArgumentException);
        AssertReleased(file.Path);
    }

    [Test]
    public async Task A_file_whose_job_was_disposed_is_released()
    {
        using UploadRig rig = new();
        using TemporaryFile file = new(rig.File);
        await using (IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url))
        {
            await job.RunAsync();
            Assert.That(() => OpenExclusively(file.Path), Throws.TypeOf<IOException>());
        }

        AssertReleased(file.Path);
    }

    private static void AssertReleased(string path) => Assert.That(() => OpenExclusively(path), Throws.Nothing);

    private static void OpenExclusively(string path) => File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
}
