using BitsClient.Cli.Tests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests;

/// <summary>Saved uploads are found by a prefix of their ids, and the suggested commands can be pasted into a shell.</summary>
public sealed class SavedUploadsTests
{
    [TestCase("3f2a0000-0000-4000-8000-000000000001")]
    [TestCase("3F2A0000-0000-4000-8000-000000000001")]
    [TestCase("3f")]
    [TestCase("3F2A")]
    public async Task A_prefix_of_an_id_is_sufficient(string id)
    {
        using TemporaryFile file = new([]);
        SavedUploads saved = new(file.Folder);
        await saved.Store.SaveAsync(Uploads.Saved());
        await saved.Store.SaveAsync(Uploads.Saved() with { Id = new Guid("4f2a0000-0000-4000-8000-000000000001") });

        Assert.That((await saved.FindAsync(id, CancellationToken.None)).Id, Is.EqualTo(Uploads.Id));
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("f2a")]
    [TestCase("3f2a0000-0000-4000-8000-0000000000011")]
    public async Task Any_other_text_finds_no_upload(string id)
    {
        using TemporaryFile file = new([]);
        SavedUploads saved = new(file.Folder);
        await saved.Store.SaveAsync(Uploads.Saved());

        Assert.That(
            async () => await saved.FindAsync(id, CancellationToken.None),
            Throws.TypeOf<ToolException>().With.Message.EqualTo($"There is no upload '{id}' in '{file.Folder}'."));
    }

    [Test]
    public async Task An_ambiguous_prefix_is_refused()
    {
        using TemporaryFile file = new([]);
        SavedUploads saved = new(file.Folder);
        await saved.Store.SaveAsync(Uploads.Saved());
        await saved.Store.SaveAsync(Uploads.Saved() with { Id = new Guid("3f2b0000-0000-4000-8000-000000000001") });

        Assert.That(
            async () => await saved.FindAsync("3f2", CancellationToken.None),
            Throws.TypeOf<ToolException>().With.Message.EqualTo(
                $"'3f2' is ambiguous: it matches 2 uploads in '{file.Folder}'; specify more of the id."));
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_read_is_refused_with_its_error()
    {
        using TemporaryFile file = new("{"u8.ToArray(), "bad.json");
        SavedUploads saved = new(file.Folder);
        string error = (await saved.Store.ListAsync()).Single().Error!.Message;

        Assert.That(
            async () => await saved.FindAsync("bad", CancellationToken.None), Throws.TypeOf<ToolException>().With.Message.EqualTo(error));
    }

    [Test]
    public void A_checkpoint_that_cannot_be_read_has_its_file_name_as_id() =>
        Assert.That(SavedUploads.IdOf(new BitsStoredCheckpoint { Location = Path.Combine("state", "bad.json") }), Is.EqualTo("bad"));

    [TestCase("uploads", "uploads")]
    [TestCase("up loads", "\"up loads\"")]
    [TestCase("up\tloads", "\"up\tloads\"")]
    public void A_command_contains_the_full_id_and_the_folder_as_specified(string folder, string shown)
    {
        SavedUploads saved = new(folder);

        Assert.That(saved.ResumeCommand(Uploads.Id), Is.EqualTo($"'bitsclient resume {Uploads.Id} --state {shown}'"));
        Assert.That(saved.CancelCommand(Uploads.Id), Is.EqualTo($"'bitsclient cancel {Uploads.Id} --state {shown}'"));
    }

    [Test]
    public void The_message_for_an_empty_folder_contains_its_full_path() =>
        Assert.That(new SavedUploads("uploads").NothingSaved, Is.EqualTo($"There are no saved uploads in {Path.GetFullPath("uploads")}."));
}
