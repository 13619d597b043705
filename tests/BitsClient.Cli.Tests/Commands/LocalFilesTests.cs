using BitsClient.Cli.Commands;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>Which files can be uploaded, and where a reply can be saved.</summary>
public sealed class LocalFilesTests
{
    private static readonly char Slash = Path.DirectorySeparatorChar;

    [Test]
    public void A_file_is_opened()
    {
        using TemporaryFile file = new(new byte[10]);
        using BitsUploadSource source = LocalFiles.Source(file.Path);

        Assert.That((source.Length, source.Name), Is.EqualTo((10L, "file.bin")));
    }

    [Test]
    public void A_folder_is_refused()
    {
        using TemporaryFile file = new(new byte[10]);

        Assert.That(
            () => LocalFiles.Source(file.Folder),
            Throws.TypeOf<ToolException>()
                .With.Message.EqualTo($"'{file.Folder}' is a folder; specify a file, or use --recurse to upload the files in it."));
    }

    [Test]
    public void An_empty_file_is_refused_with_its_name_and_the_reason()
    {
        using TemporaryFile file = new([]);

        Assert.That(
            () => LocalFiles.Source(file.Path),
            Throws.TypeOf<ToolException>().With.Message.StartsWith($"'{file.Path}' cannot be uploaded. ").And.Message.Contains("empty")
                .And.Message.Not.Contains("Parameter"));
    }

    [Test]
    public void A_missing_file_throws_FileNotFoundException()
    {
        using TemporaryFile file = new([]);

        Assert.That(
            () => LocalFiles.Source(file.Path + "x"), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(file.Path + "x"));
    }

    [Test]
    public void A_reply_can_overwrite_another_file()
    {
        using TemporaryFile file = new(new byte[10]);
        string other = Path.Combine(file.Folder, "other.bin");
        File.WriteAllText(other, "another");
        using BitsReplyTarget reply = LocalFiles.Reply(other, file.Path);

        Assert.That(File.ReadAllText(other), Is.EqualTo("another"), "it is overwritten when the reply has arrived");
    }

    [Test]
    public void A_reply_cannot_overwrite_the_uploaded_file_however_its_path_is_written()
    {
        using TemporaryFile file = new(new byte[10]);
        string name = Path.GetFileName(file.Folder);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file.Path);
        string[] spellings =
        [
            file.Path,
            relative,
            $".{Slash}{relative}",
            $"{file.Folder}{Slash}.{Slash}file.bin",
            $"{file.Folder}{Slash}{Slash}file.bin",
            $"{file.Folder}{Slash}nowhere{Slash}..{Slash}file.bin",
            $"{file.Folder}{Slash}..{Slash}{name}{Slash}file.bin",
        ];

        Assert.Multiple(() =>
        {
            foreach (string spelling in spellings)
            {
                AssertWouldOverwrite(spelling, file.Path);
                AssertWouldOverwrite(file.Path, spelling);
            }
        });
    }

    [Test]
    public void A_reply_needs_a_file_path_in_an_existing_folder()
    {
        using TemporaryFile file = new(new byte[10]);

        AssertNotAFilePath("", file.Path);
        AssertNotAFilePath(file.Folder, file.Path);
        Assert.That(
            () => LocalFiles.Reply(Path.Combine(file.Folder, "nowhere", "reply.bin"), file.Path),
            Throws.TypeOf<DirectoryNotFoundException>());
    }

    private static void AssertWouldOverwrite(string path, string file) => Assert.That(
        () => LocalFiles.Reply(path, file),
        Throws.TypeOf<ToolException>().With.Message.EqualTo("The reply would overwrite the file that is uploaded."),
        $"reply {path}, file {file}");

    private static void AssertNotAFilePath(string path, string file) => Assert.That(
        () => LocalFiles.Reply(path, file),
        Throws.TypeOf<ToolException>().With.Message.StartsWith($"The reply cannot be saved to '{path}'. ")
            .And.Message.Not.Contains("Parameter"));
}
