using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>The message about a saved upload that is refused says why.</summary>
public sealed class RefusedFileTests
{
    [TestCase("null", "empty")]
    [TestCase("""{ "version": 3, "upload": null }""", "empty")]
    [TestCase("""{ "version": 0 }""", "format 0")]
    [TestCase("""{ "version": -7 }""", "format -7")]
    [TestCase("""{ "version": 4 }""", "newer", "format 4", "format 3")]
    [TestCase("""{ "version": 1 }""", "earlier", "format 1", "format 3")]
    public void Text_that_is_not_a_checkpoint_of_this_version(string json, params string[] words)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => BitsUploadCheckpoint.FromJson(json))!;
        foreach (string word in words)
        {
            Assert.That(e.Message, Does.Contain(word));
        }
    }

    [Test]
    public void A_checkpoint_that_contradicts_itself()
    {
        string json = (States.Least with { HostIdFallback = TimeSpan.FromSeconds(-1) }).ToJson();
        Assert.That(() => BitsUploadCheckpoint.FromJson(json), Throws.TypeOf<InvalidDataException>().With.Message.Contains("negative"));
    }

    [Test]
    public void A_file_in_the_place_of_the_folder()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Path);
        Assert.That(() => store.SaveAsync(States.Full).AsTask(), Refused());
        Assert.That(() => store.LockAsync(States.Full.Id).AsTask(), Refused());

        NUnit.Framework.Constraints.Constraint Refused() =>
            Throws.TypeOf<IOException>().With.Message.Contains($"'{place.Path}' is a file");
    }

    [Test]
    public void A_source_of_another_length()
    {
        using UploadRig rig = new();
        BitsUploadCheckpoint checkpoint = States.Least with { BytesTotal = 7 };
        BitsSourceChangedException e = Assert.Throws<BitsSourceChangedException>(
            () => rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(new byte[12])))!;
        Assert.That(e.Message, Does.Contain("12 bytes").And.Contain(" 7 "));
        Assert.That((e.Checkpoint, e.SessionId, e.Url), Is.EqualTo((checkpoint, checkpoint.SessionId, checkpoint.Url)));
    }
}
