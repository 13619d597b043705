using System.IO.Pipelines;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A stream that cannot seek is copied to a temporary file, which is deleted with the source.</summary>
public sealed class SpooledStreamTests
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("bitsclient-spool-");

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task A_stream_that_cannot_seek_is_uploaded()
    {
        using UploadRig rig = new();
        using MemoryStream bytes = new(rig.File);
        Stream stream = PipeReader.Create(bytes).AsStream();
        Assert.That(stream.CanSeek, Is.False);

        BitsUploadSource source = await BitsUploadSource.SpoolAsync(stream, "a.bin", _folder.FullName);
        Assert.That((source.Length, source.Name), Is.EqualTo((10_000L, "a.bin")));
        await rig.Client.UploadAsync(source, UploadRig.Url);

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(_folder.GetFiles(), Is.Empty, "the temporary file is deleted");
    }

    [Test]
    [Platform(Exclude = "Win")]
    public async Task Only_the_owner_can_read_the_temporary_file()
    {
        using MemoryStream bytes = new([1, 2, 3]);
        using BitsUploadSource source = await BitsUploadSource.SpoolAsync(bytes, folder: _folder.FullName);
        Assert.That(_folder.GetFiles().Single().UnixFileMode, Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void An_empty_stream_leaves_no_file()
    {
        using MemoryStream bytes = new();
        Assert.That(() => BitsUploadSource.SpoolAsync(bytes, folder: _folder.FullName), Throws.ArgumentException);
        Assert.That(_folder.GetFiles(), Is.Empty);
    }

    [Test]
    public void A_copy_that_is_canceled_leaves_no_file()
    {
        using MemoryStream bytes = new([1, 2, 3]);
        Assert.That(
            () => BitsUploadSource.SpoolAsync(bytes, folder: _folder.FullName, cancellationToken: new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_folder.GetFiles(), Is.Empty);
    }

    [Test]
    public void A_stream_that_cannot_be_read_is_refused()
    {
        MemoryStream closed = new();
        closed.Dispose();
        Assert.That(() => BitsUploadSource.SpoolAsync(closed), Throws.ArgumentException);
        Assert.That(() => BitsUploadSource.SpoolAsync(null!), Throws.ArgumentNullException);
    }
}
