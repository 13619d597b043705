using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>How the store opens and deletes its files.</summary>
public sealed class PrivateFileTests
{
    [Test]
    [Platform(Exclude = "Mono", Reason = "To delete a file in a folder that does not exist is no error there.")]
    public void A_delete_reports_whether_the_file_is_gone()
    {
        using TemporaryFile file = new([1]);
        Assert.That(PrivateFile.TryDelete(file.Path), Is.True);
        Assert.That(File.Exists(file.Path), Is.False);
        Assert.That(PrivateFile.TryDelete(file.Path), Is.True, "there is no file any more");

        // A folder stands for a file that cannot be deleted.
        Directory.CreateDirectory(file.Path);
        Assert.That(PrivateFile.TryDelete(file.Path), Is.False);
        Assert.That(PrivateFile.TryDelete(Path.Combine(file.Folder, "missing", "file")), Is.False);
    }

    [Test]
    public void A_file_can_be_read_by_several_at_once()
    {
        using TemporaryFile file = new([1, 2]);
        using FileStream first = PrivateFile.OpenRead(file.Path);
        using FileStream second = PrivateFile.OpenRead(file.Path);
        Assert.That((first.ReadByte(), second.ReadByte()), Is.EqualTo((1, 1)));
        Assert.That(() => File.Delete(file.Path), Throws.Nothing);
    }
}
