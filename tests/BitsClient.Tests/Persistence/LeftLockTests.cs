using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>The files of a lock that a killed process left behind are removed the next time the folder is opened.</summary>
public sealed class LeftLockTests
{
    private TemporaryFile _place = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _place = new TemporaryFile([]);
        _store = new BitsFileCheckpointStore(Directory.CreateDirectory(Path.Combine(_place.Folder, "uploads")).FullName);
    }

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test]
    public async Task They_are_removed_by_the_next_list_or_the_first_lock_of_a_store(
        [Values] bool byList, [Values("lock owner", "lock", "owner")] string files)
    {
        Guid left = Guid.NewGuid();
        foreach (string file in files.Split(' '))
        {
            await WriteAsync(left, file, file == "lock" ? "" : "process 4711 on elsewhere");
        }

        if (byList)
        {
            Assert.That(await _store.ListAsync(), Is.Empty);
        }
        else
        {
            await using IAsyncDisposable other = await _store.LockAsync(Guid.NewGuid());
        }

        Assert.That(Directory.GetFiles(_store.Folder), Is.Empty);
    }

    [Test]
    public async Task A_lock_that_is_held_stays_and_so_does_that_of_a_saved_upload()
    {
        await _store.SaveAsync(States.Full);
        await WriteAsync(States.Full.Id, "lock", "");
        await WriteAsync(States.Full.Id, "owner");
        Guid running = Guid.NewGuid();
        await using (await _store.LockAsync(running))
        {
            string[] before = [.. Directory.GetFiles(_store.Folder).Order()];
            Assert.That(before, Has.Length.EqualTo(5));
            await new BitsFileCheckpointStore(_store.Folder).ListAsync();
            Assert.That(Directory.GetFiles(_store.Folder).Order(), Is.EqualTo(before));
            Assert.That(() => _store.LockAsync(running).AsTask(), Throws.TypeOf<BitsUploadLockedException>());
        }
    }

    [Test]
    public async Task Files_with_other_names_are_not_touched()
    {
        string[] names = ["notes.lock", "notes.owner", $"{Guid.NewGuid():N}.lock"];
        foreach (string name in names)
        {
            await File.WriteAllTextAsync(Path.Combine(_store.Folder, name), "");
        }

        await _store.ListAsync();
        Assert.That(Directory.GetFiles(_store.Folder).Select(Path.GetFileName), Is.EquivalentTo(names));
    }

    [Test]
    public async Task Uploads_that_begin_while_the_folder_is_listed_get_their_locks_and_hold_them_alone()
    {
        using CancellationTokenSource done = new();
        Task[] listing = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await _store.ListAsync();
            }
        }))];
        for (int i = 0; i < 100; i++)
        {
            Guid id = Guid.NewGuid();
            await using (await _store.LockAsync(id))
            {
                Assert.That(File.Exists(Path.Combine(_store.Folder, $"{id}.lock")), "the lock that is held is the file with its name");
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(listing);
        Assert.That(Directory.GetFiles(_store.Folder), Is.Empty);
    }

    private Task WriteAsync(Guid id, string extension, string text = "process 4711 on elsewhere") =>
        File.WriteAllTextAsync(Path.Combine(_store.Folder, $"{id}.{extension}"), text);
}
