using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>The store in a folder, where nothing goes wrong, and where files are damaged.</summary>
public sealed class FileCheckpointStoreTests
{
    private TemporaryFile _place = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _place = new TemporaryFile([]);
        _store = new BitsFileCheckpointStore(Path.Combine(_place.Folder, "not", "there"));
    }

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test]
    public async Task The_folder_is_made_when_it_is_first_needed()
    {
        Assert.That(await _store.ListAsync(), Is.Empty);
        Assert.That(await _store.LoadAsync(States.Full.Id), Is.Null);
        await _store.DeleteAsync(States.Full.Id);
        Assert.That(Directory.GetFileSystemEntries(_place.Folder), Is.EqualTo(new[] { _place.Path }), "reading makes nothing");
        await _store.SaveAsync(States.Full);
        Assert.That(Directory.Exists(_store.Folder));
    }

    [Test]
    public async Task What_is_saved_replaces_what_was_and_is_loaded_listed_and_deleted()
    {
        await _store.SaveAsync(States.Full with { BytesAcknowledged = 1 });
        await _store.SaveAsync(States.Full);
        Assert.That(Files(), Is.EqualTo(new[] { $"{States.Full.Id}.json" }), "no temporary file is left");
        Assert.That(await _store.LoadAsync(States.Full.Id), Is.EqualTo(States.Full));
        BitsStoredCheckpoint listed = (await _store.ListAsync()).Single();
        Assert.That((listed.Checkpoint, listed.Error, listed.Location), Is.EqualTo((States.Full, (Exception?)null, PathOf(States.Full, "json"))));
        await _store.DeleteAsync(States.Full.Id);
        Assert.That(Files(), Is.Empty);
        Assert.That(await _store.LoadAsync(States.Full.Id), Is.Null);
        await _store.DeleteAsync(States.Full.Id);
    }

    [Test]
    public async Task The_oldest_is_listed_first_and_what_cannot_be_read_last()
    {
        BitsUploadCheckpoint[] states = [States.Other(2), States.Other(3), States.Other(1)];
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(_store.Folder).FullName, "0.json"), "garbage");
        foreach (BitsUploadCheckpoint state in states)
        {
            await _store.SaveAsync(state);
        }

        Assert.That((await _store.ListAsync()).Select(entry => entry.Checkpoint), Is.EqualTo(new[] { states[2], states[0], states[1], null }));
    }

    [Test]
    public async Task Many_are_saved_and_listed_at_once()
    {
        BitsUploadCheckpoint[] states = [.. Enumerable.Range(0, 50).Select(States.Other)];
        using CancellationTokenSource saved = new();
        Task listing = Task.Run(async () =>
        {
            while (!saved.IsCancellationRequested)
            {
                Assert.That((await _store.ListAsync()).Where(entry => entry.Error is not null and not InvalidDataException), Is.Empty);
            }
        });
        await Parallel.ForEachAsync(states, async (state, token) =>
        {
            for (int i = 0; i < 5; i++)
            {
                await _store.SaveAsync(state with { BytesAcknowledged = i }, token);
            }
        });
        await saved.CancelAsync();
        await listing;
        Assert.That((await _store.ListAsync()).Select(entry => entry.Checkpoint), Is.EqualTo(states.Select(state => state with { BytesAcknowledged = 4 })));
    }

    [Test]
    public async Task Who_loads_while_another_saves_gets_a_whole_state()
    {
        await _store.SaveAsync(States.Full);
        using CancellationTokenSource saved = new();
        Task loading = Task.Run(async () =>
        {
            while (!saved.IsCancellationRequested)
            {
                Assert.That(await _store.LoadAsync(States.Full.Id), Is.Not.Null);
                Assert.That((await _store.ListAsync()).Single().Checkpoint, Is.Not.Null);
            }
        });
        for (int i = 0; i < 200; i++)
        {
            await _store.SaveAsync(States.Full with { BytesAcknowledged = i });
        }

        await saved.CancelAsync();
        await loading;
    }

    [Test]
    public async Task A_file_that_vanishes_while_listing_is_none()
    {
        Assume.That(OperatingSystem.IsLinux(), "a link that leads nowhere stands for it");
        await _store.SaveAsync(States.Full);
        File.CreateSymbolicLink(PathOf(States.Other(), "json"), Path.Combine(_store.Folder, "gone"));
        Assert.That((await _store.ListAsync()).Single().Checkpoint, Is.EqualTo(States.Full));
    }

    [Test]
    public async Task A_temporary_file_alone_is_a_fault_and_beside_a_state_it_is_nothing()
    {
        BitsUploadCheckpoint alone = States.Other();
        await _store.SaveAsync(States.Full);
        await File.WriteAllTextAsync(PathOf(States.Full, "tmp"), "{ half a sta");
        await File.WriteAllTextAsync(PathOf(alone, "tmp"), "{ half a sta");
        IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
        Assert.That(listed.Select(entry => entry.Checkpoint), Is.EqualTo(new[] { States.Full, null }));
        Assert.That(listed[1].Location, Is.EqualTo(PathOf(alone, "tmp")));
        Assert.That(listed[1].Error, Is.TypeOf<InvalidDataException>().With.Message.Contains(listed[1].Location));
        Assert.That(await _store.LoadAsync(alone.Id), Is.Null);

        await _store.SaveAsync(States.Full);
        await _store.DeleteAsync(alone.Id);
        Assert.That(Files(), Is.EqualTo(new[] { $"{States.Full.Id}.json" }), "the next save and a delete take it away");
    }

    [Test]
    public async Task Only_its_owner_may_read_it()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no such modes.");
            return;
        }

        await using IAsyncDisposable held = await _store.LockAsync(States.Full.Id);
        await _store.SaveAsync(States.Full);
        string[] files = Files();
        Assert.That(files, Has.Length.EqualTo(3));
        const UnixFileMode ownersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(File.GetUnixFileMode(_store.Folder), Is.EqualTo(ownersFile | UnixFileMode.UserExecute));
        foreach (string file in files)
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(_store.Folder, file)), Is.EqualTo(ownersFile), file);
        }
    }

    [Test]
    public async Task A_newer_version_is_refused_and_left_byte_for_byte()
    {
        await _store.SaveAsync(States.Full);
        string path = PathOf(States.Full, "json");
        string newer = (await File.ReadAllTextAsync(path)).Replace("\"version\": 2", "\"version\": 7", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, newer);
        string expected = $"'{path}' was saved by a newer version of BitsClient (format 7)";
        Assert.That(() => _store.LoadAsync(States.Full.Id).AsTask(), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(expected));
        Assert.That((await _store.ListAsync()).Single().Error, Is.TypeOf<InvalidDataException>().With.Message.StartsWith(expected));
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo(newer));
    }

    [Test]
    public async Task S1_A_state_cut_at_any_byte_is_told_as_damaged_and_left_and_hides_no_other()
    {
        BitsUploadCheckpoint other = States.Other();
        await _store.SaveAsync(States.Full);
        await _store.SaveAsync(other);
        string path = PathOf(States.Full, "json");
        byte[] whole = await File.ReadAllBytesAsync(path);
        for (int length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            InvalidDataException e = Assert.ThrowsAsync<InvalidDataException>(() => _store.LoadAsync(States.Full.Id).AsTask(), $"{length} bytes")!;
            Assert.That(e.Message, Does.StartWith($"'{path}' holds no saved upload, or is damaged"));
            IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
            Assert.That(listed.Select(entry => entry.Checkpoint), Is.EqualTo(new[] { other, null }));
            Assert.That((listed[1].Location, listed[1].Error!.Message), Is.EqualTo((path, e.Message)));
            Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(whole[..length]), "it is left as it is");
        }
    }

    private string PathOf(BitsUploadCheckpoint state, string extension) => Path.Combine(_store.Folder, $"{state.Id}.{extension}");

    private string[] Files() => [.. Directory.GetFiles(_store.Folder).Select(path => Path.GetFileName(path)!).Order()];
}
