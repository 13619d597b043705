using BitsClient.Cli.Tests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests;

/// <summary>
/// Saved uploads are found by the beginning of their ids, and the commands that go on with them are told so that a shell takes
/// them.
/// </summary>
public sealed class SavedUploadsTests
{
    [TestCase("3f2a0000-0000-4000-8000-000000000001")]
    [TestCase("3F2A0000-0000-4000-8000-000000000001")]
    [TestCase("3f")]
    [TestCase("3F2A")]
    public async Task The_beginning_of_an_id_is_enough(string id)
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
    public async Task Another_text_finds_none(string id)
    {
        using TemporaryFile file = new([]);
        SavedUploads saved = new(file.Folder);
        await saved.Store.SaveAsync(Uploads.Saved());

        Assert.That(
            async () => await saved.FindAsync(id, CancellationToken.None),
            Throws.TypeOf<ToolException>().With.Message.EqualTo($"There is no upload '{id}' in '{file.Folder}'."));
    }

    [Test]
    public async Task What_several_ids_begin_with_is_refused()
    {
        using TemporaryFile file = new([]);
        SavedUploads saved = new(file.Folder);
        await saved.Store.SaveAsync(Uploads.Saved());
        await saved.Store.SaveAsync(Uploads.Saved() with { Id = new Guid("3f2b0000-0000-4000-8000-000000000001") });

        Assert.That(
            async () => await saved.FindAsync("3f2", CancellationToken.None),
            Throws.TypeOf<ToolException>().With.Message.EqualTo($"'3f2' is ambiguous: it matches 2 uploads in '{file.Folder}'; specify more of the id."));
    }

    [Test]
    public async Task What_cannot_be_read_is_refused_with_its_fault()
    {
        using TemporaryFile file = new("{"u8.ToArray(), "bad.json");
        SavedUploads saved = new(file.Folder);
        string fault = (await saved.Store.ListAsync()).Single().Error!.Message;

        Assert.That(
            async () => await saved.FindAsync("bad", CancellationToken.None), Throws.TypeOf<ToolException>().With.Message.EqualTo(fault));
    }

    [Test]
    public void An_entry_that_cannot_be_read_has_the_name_of_its_file_as_its_id() =>
        Assert.That(SavedUploads.IdOf(new BitsStoredCheckpoint { Location = Path.Combine("state", "bad.json") }), Is.EqualTo("bad"));

    [TestCase("uploads", "uploads")]
    [TestCase("up loads", "\"up loads\"")]
    [TestCase("up\tloads", "\"up\tloads\"")]
    public void A_command_has_the_whole_id_and_the_folder_as_it_was_given(string folder, string shown)
    {
        SavedUploads saved = new(folder);

        Assert.That(saved.ResumeCommand(Uploads.Id), Is.EqualTo($"'bitsclient resume {Uploads.Id} --state {shown}'"));
        Assert.That(saved.CancelCommand(Uploads.Id), Is.EqualTo($"'bitsclient cancel {Uploads.Id} --state {shown}'"));
    }

    [Test]
    public void A_folder_with_none_is_told_by_its_full_path() =>
        Assert.That(new SavedUploads("uploads").NothingSaved, Is.EqualTo($"There are no saved uploads in {Path.GetFullPath("uploads")}."));
}
