using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>The store in a folder, in normal use and with damaged files.</summary>
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
    public async Task The_folder_is_created_by_the_first_save()
    {
        Assert.That(await _store.ListAsync(), Is.Empty);
        Assert.That(await _store.LoadAsync(States.Full.Id), Is.Null);
        await _store.DeleteAsync(States.Full.Id);
        Assert.That(Directory.GetFileSystemEntries(_place.Folder), Is.EqualTo(new[] { _place.Path }), "reading creates nothing");
        await _store.SaveAsync(States.Full);
        Assert.That(Directory.Exists(_store.Folder));
    }

    [Test]
    public async Task A_saved_checkpoint_replaces_the_previous_one_and_is_loaded_listed_and_deleted()
    {
        await _store.SaveAsync(States.Full with { BytesAcknowledged = 1 });
        await _store.SaveAsync(States.Full);
        Assert.That(Files(), Is.EqualTo(new[] { $"{States.Full.Id}.json" }), "no temporary file is left");
        Assert.That(await _store.LoadAsync(States.Full.Id), Is.EqualTo(States.Full));
        BitsStoredCheckpoint listed = (await _store.ListAsync()).Single();
        Assert.That(
            (listed.Checkpoint, listed.Error, listed.Location),
            Is.EqualTo((States.Full, (Exception?)null, PathOf(States.Full, "json"))));
        await _store.DeleteAsync(States.Full.Id);
        Assert.That(Files(), Is.Empty);
        Assert.That(await _store.LoadAsync(States.Full.Id), Is.Null);
        await _store.DeleteAsync(States.Full.Id);
    }

    [Test]
    public async Task The_oldest_is_listed_first_and_unreadable_files_last()
    {
        BitsUploadCheckpoint[] checkpoints = [States.Other(2), States.Other(3), States.Other(1)];
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(_store.Folder).FullName, "0.json"), "garbage");
        foreach (BitsUploadCheckpoint checkpoint in checkpoints)
        {
            await _store.SaveAsync(checkpoint);
        }

        Assert.That(
            (await _store.ListAsync()).Select(entry => entry.Checkpoint),
            Is.EqualTo(new[] { checkpoints[2], checkpoints[0], checkpoints[1], null }));
    }

    [Test]
    public async Task Many_checkpoints_are_saved_and_listed_concurrently()
    {
        BitsUploadCheckpoint[] checkpoints = [.. Enumerable.Range(0, 50).Select(States.Other)];
        using CancellationTokenSource saved = new();
        Task listing = Task.Run(async () =>
        {
            while (!saved.IsCancellationRequested)
            {
                Assert.That((await _store.ListAsync()).Where(entry => entry.Error is not null and not InvalidDataException), Is.Empty);
            }
        });
        await Parallel.ForEachAsync(checkpoints, async (checkpoint, token) =>
        {
            for (int i = 0; i < 5; i++)
            {
                await _store.SaveAsync(checkpoint with { BytesAcknowledged = i }, token);
            }
        });
        await saved.CancelAsync();
        await listing;
        Assert.That(
            (await _store.ListAsync()).Select(entry => entry.Checkpoint),
            Is.EqualTo(checkpoints.Select(checkpoint => checkpoint with { BytesAcknowledged = 4 })));
    }

    [Test]
    public async Task A_load_during_a_save_returns_a_complete_checkpoint()
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
    public async Task A_file_that_vanishes_during_listing_is_skipped()
    {
        BitsUploadCheckpoint[] brief = [.. Enumerable.Range(0, 20).Select(States.Other)];
        await _store.SaveAsync(States.Full);
        using CancellationTokenSource done = new();
        Task listing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
                Assert.That(listed.Where(entry => entry.Checkpoint is null), Is.Empty);
                Assert.That(listed.Select(entry => entry.Checkpoint), Does.Contain(States.Full));
            }
        });
        for (int i = 0; i < 10; i++)
        {
            foreach (BitsUploadCheckpoint checkpoint in brief)
            {
                // Not saved by the store: a first save that fails looks like one that is interrupted.
                await File.WriteAllTextAsync(PathOf(checkpoint, "new"), checkpoint.ToJson());
                File.Move(PathOf(checkpoint, "new"), PathOf(checkpoint, "json"));
            }

            foreach (BitsUploadCheckpoint checkpoint in brief)
            {
                await _store.DeleteAsync(checkpoint.Id);
            }
        }

        await done.CancelAsync();
        await listing;
    }

    [Test]
    public async Task A_temporary_file_is_an_error_on_its_own_and_ignored_beside_a_checkpoint()
    {
        BitsUploadCheckpoint alone = States.Other();
        await _store.SaveAsync(States.Full);
        await File.WriteAllTextAsync(PathOf(States.Full, "a.b.tmp"), "{ half a sta");
        await File.WriteAllTextAsync(PathOf(alone, "a.b.tmp"), "{ half a sta");
        IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
        Assert.That(listed.Select(entry => entry.Checkpoint), Is.EqualTo(new[] { States.Full, null }));
        Assert.That(listed[1].Location, Is.EqualTo(PathOf(alone, "a.b.tmp")));
        Assert.That(listed[1].Error, Is.TypeOf<InvalidDataException>().With.Message.Contains(listed[1].Location));
        Assert.That(await _store.LoadAsync(alone.Id), Is.Null);

        await using (await _store.LockAsync(States.Full.Id))
        {
            await _store.DeleteAsync(alone.Id);
            Assert.That(Files(), Has.None.EndsWith(".tmp"), "a lock and a delete remove it");
        }

        Assert.That(await _store.LoadAsync(States.Full.Id), Is.EqualTo(States.Full));
    }

    [Test]
    public async Task A_temporary_file_of_an_upload_whose_first_save_was_interrupted_is_removed_by_its_lock()
    {
        BitsUploadCheckpoint begun = States.Other();
        Directory.CreateDirectory(_store.Folder);
        await using (await _store.LockAsync(States.Full.Id))
        {
            // The first lock of a store removes what is left of locks, too.
        }

        await File.WriteAllTextAsync(PathOf(begun, "lock"), "");
        await File.WriteAllTextAsync(PathOf(begun, "a.b.tmp"), "{ half a sta");
        await using IAsyncDisposable held = await _store.LockAsync(begun.Id);
        Assert.That(Files(), Has.None.EndsWith(".tmp"));
    }

    [Test]
    public async Task Only_the_owner_can_read_the_files()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no file modes.");
            return;
        }

        await using IAsyncDisposable held = await _store.LockAsync(States.Full.Id);
        await _store.SaveAsync(States.Full);
        string[] files = Files();
        Assert.That(files, Has.Length.EqualTo(3));
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(File.GetUnixFileMode(_store.Folder), Is.EqualTo(ownerOnly | UnixFileMode.UserExecute));
        foreach (string file in files)
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(_store.Folder, file)), Is.EqualTo(ownerOnly), file);
        }
    }

    [Test]
    public async Task A_newer_version_is_refused_and_left_unchanged()
    {
        await _store.SaveAsync(States.Full);
        string path = PathOf(States.Full, "json");
        string newer = (await File.ReadAllTextAsync(path)).Replace("\"version\": 3", "\"version\": 7", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, newer);
        string expected = $"'{path}' was saved by a newer version of BitsClient (format 7)";
        Assert.That(
            () => _store.LoadAsync(States.Full.Id).AsTask(),
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(expected));
        Assert.That((await _store.ListAsync()).Single().Error, Is.TypeOf<InvalidDataException>().With.Message.StartsWith(expected));
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo(newer));
    }

    [Test]
    public async Task S1_A_checkpoint_truncated_at_any_byte_is_reported_as_damaged_and_left_and_hides_no_other()
    {
        BitsUploadCheckpoint other = States.Other();
        await _store.SaveAsync(States.Full);
        await _store.SaveAsync(other);
        string path = PathOf(States.Full, "json");
        byte[] whole = await File.ReadAllBytesAsync(path);

        // A listing reads each file as a load does.
        const int BytesPerListing = 50;
        for (int length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            InvalidDataException e = Assert.ThrowsAsync<InvalidDataException>(
                () => _store.LoadAsync(States.Full.Id).AsTask(), $"{length} bytes")!;
            Assert.That(e.Message, Does.StartWith($"'{path}' is not a checkpoint, or is damaged"));
            if (length % BytesPerListing == 0)
            {
                IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
                Assert.That(listed.Select(entry => entry.Checkpoint), Is.EqualTo(new[] { other, null }));
                Assert.That((listed[1].Location, listed[1].Error!.Message), Is.EqualTo((path, e.Message)));
            }

            Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(whole[..length]), "it is left as it is");
        }
    }

    private string PathOf(BitsUploadCheckpoint checkpoint, string extension) => Path.Combine(_store.Folder, $"{checkpoint.Id}.{extension}");

    private string[] Files() => [.. Directory.GetFiles(_store.Folder).Select(path => Path.GetFileName(path)!).Order()];
}
