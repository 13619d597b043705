using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>Where their age does not decide, the saved uploads are listed by the names of their files.</summary>
public sealed class ListOrderTests
{
    private static readonly Guid[] Ids = [.. "3724518609".Select(digit => Guid.Parse(new string(digit, 32)))];

    [Test]
    public async Task Checkpoints_of_the_same_age()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        foreach (Guid id in Ids)
        {
            await store.SaveAsync(States.Full with { Id = id });
        }

        Assert.That((await store.ListAsync()).Select(entry => entry.Checkpoint!.Id), Is.EqualTo(Ids.Order()));
    }

    [TestCase("json")]
    [TestCase("a.b.tmp")]
    public async Task Files_that_hold_no_checkpoint(string extension)
    {
        using TemporaryFile place = new([]);
        string[] paths = [.. Ids.Select(id => Path.Combine(place.Folder, $"{id}.{extension}"))];
        foreach (string path in paths)
        {
            await File.WriteAllTextAsync(path, "{ half a check");
        }

        IReadOnlyList<BitsStoredCheckpoint> listed = await new BitsFileCheckpointStore(place.Folder).ListAsync();
        Assert.That(listed.Select(entry => entry.Location), Is.EqualTo(paths.Order(StringComparer.Ordinal)));
        Assert.That(listed.Select(entry => entry.Error), Is.All.TypeOf<InvalidDataException>());
    }
}
