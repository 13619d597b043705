using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>How often the file of a lock is opened until it is the caller's, or another's.</summary>
public sealed class LockTriesTests
{
    private readonly Guid _id = Guid.NewGuid();
    private readonly List<string> _opened = [];
    private Action<string> _beforeOpen = _ => { };
    private TemporaryFile _place = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _opened.Clear();
        _beforeOpen = _ => { };
        _place = new TemporaryFile([]);
        _store = new BitsFileCheckpointStore(_place.Folder, Open);
    }

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test]
    public async Task Only_the_first_lock_of_a_store_is_opened_again_to_see_that_it_excludes_others()
    {
        await using IAsyncDisposable first = await _store.LockAsync(_id);
        Assert.That(Opened(_id), Is.EqualTo(2));
        Guid other = Guid.NewGuid();
        await using IAsyncDisposable second = await _store.LockAsync(other);
        Assert.That(Opened(other), Is.EqualTo(1));
    }

    [Test]
    public async Task A_file_that_its_holder_has_deleted_is_opened_until_there_is_another()
    {
        await HasLockAsync();
        string deleted = PathOf(_id);
        await File.WriteAllTextAsync(deleted, "-");
        _beforeOpen = path =>
        {
            if (path == deleted && Opened(_id) is 3)
            {
                // Another process has made its own.
                File.Delete(deleted);
            }
        };
        await using IAsyncDisposable held = await _store.LockAsync(_id);
        Assert.That(Opened(_id), Is.EqualTo(3));
    }

    [Test]
    public async Task A_file_with_foreign_content_is_taken_for_a_lock_at_the_hundredth_try()
    {
        await HasLockAsync();
        await File.WriteAllTextAsync(PathOf(_id), "This is mine.");
        await using IAsyncDisposable held = await _store.LockAsync(_id);
        Assert.That(Opened(_id), Is.EqualTo(100));
    }

    [Test]
    public async Task A_file_that_another_holds_without_a_checkpoint_is_tried_twenty_five_times()
    {
        BitsFileCheckpointStore other = new(_place.Folder);
        await using IAsyncDisposable held = await other.LockAsync(_id);
        Assert.That(() => _store.LockAsync(_id).AsTask(), Throws.TypeOf<BitsUploadLockedException>());

        // The first time, the files that other processes left behind are looked for.
        Assert.That(Opened(_id), Is.EqualTo(1 + 25));
    }

    // The store knows that its folder has locks, and has removed what others left behind.
    private async Task HasLockAsync()
    {
        await using IAsyncDisposable held = await _store.LockAsync(Guid.NewGuid());
    }

    private string PathOf(Guid id) => Path.Combine(_place.Folder, $"{id}.lock");

    private int Opened(Guid id) => _opened.Count(path => path == PathOf(id));

    private FileStream Open(string path, FileStreamOptions options)
    {
        _opened.Add(path);
        _beforeOpen(path);
        return File.Open(path, options);
    }
}
