using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>A reply is written beside its file first; what is abandoned leaves nothing, and another reply can follow.</summary>
public sealed class FileReplyTargetTests
{
    [Test]
    public async Task After_a_reply_was_abandoned_another_one_starts_at_its_first_byte()
    {
        using TemporaryFile place = new([]);
        string path = Path.Combine(place.Folder, "reply.bin");
        using BitsReplyTarget target = BitsReplyTarget.ToFile(path);
        await target.AppendAsync("first"u8.ToArray(), CancellationToken.None);
        target.Abandon();
        Assert.That(target.Length, Is.Zero);
        Assert.That(Directory.GetFiles(place.Folder), Is.EqualTo(new[] { place.Path }), "the temporary file is deleted");

        await target.AppendAsync("sec"u8.ToArray(), CancellationToken.None);
        await target.AppendAsync("ond"u8.ToArray(), CancellationToken.None);
        await target.CompleteAsync(CancellationToken.None);
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("second"));
        Assert.That(Directory.GetFiles(place.Folder), Has.Length.EqualTo(2), "the temporary file has become the reply");
    }

    [Test]
    public void A_folder_is_refused_with_its_path([Values] bool exists)
    {
        using TemporaryFile place = new([]);
        string path = exists ? place.Folder : Path.Combine(place.Folder, "no") + Path.DirectorySeparatorChar;
        Assert.That(
            () => BitsReplyTarget.ToFile(path),
            Throws.TypeOf<ArgumentException>()
                .With.Message.Contains(path).And.Property(nameof(ArgumentException.ParamName)).EqualTo("path"));
    }

    [Test]
    public void A_file_in_a_missing_folder_is_refused_with_the_path_of_that_folder()
    {
        using TemporaryFile place = new([]);
        string folder = Path.Combine(place.Folder, "missing");
        Assert.That(
            () => BitsReplyTarget.ToFile(Path.Combine(folder, "reply.bin")),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains(folder));
    }
}
