using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>Files of a lock that somebody else has open, for an instant or for longer.</summary>
public sealed class HeldLockTests
{
    private readonly Guid _id = Guid.NewGuid();
    private TemporaryFile _place = null!;
    private StoreFolder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _place = new TemporaryFile([]);
        _folder = new StoreFolder(_place.Folder, File.Open);
    }

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test, NonParallelizable]
    public void A_lock_that_is_held_for_an_instant_is_waited_for_away_from_the_callers_thread()
    {
        BlockedThread caller = new();
        caller.Run(() =>
        {
            FileStream held = Hold();
            Task<FileLock> taking = FileLock.TakeAsync(_id, _folder, CancellationToken.None);
            bool isTakenOrRefused = taking.IsCompleted;
            held.Dispose();
            Assert.That(isTakenOrRefused, Is.False, "it tries again after a pause");
            caller.Wait(taking);
            caller.Wait(ReleaseAsync(taking));
        });
        Assert.That(caller.Posts, Is.Empty);
    }

    [Test]
    public async Task The_lock_of_an_upload_with_a_checkpoint_is_not_waited_for()
    {
        await File.WriteAllTextAsync(_folder.PathOf(_id, "json"), "{}");
        await using FileStream held = Hold();
        Task<FileLock> taking = FileLock.TakeAsync(_id, _folder, CancellationToken.None);
        Assert.That(taking.IsFaulted, "another process runs the upload");
        Assert.That(() => taking, Throws.TypeOf<BitsUploadLockedException>());
    }

    [Test]
    public async Task An_owner_file_that_is_empty_names_nobody()
    {
        await File.WriteAllTextAsync(_folder.PathOf(_id, "json"), "{}");
        await File.WriteAllTextAsync(_folder.PathOf(_id, "owner"), "");
        await using FileStream held = Hold();
        Assert.That(
            () => FileLock.TakeAsync(_id, _folder, CancellationToken.None),
            Throws.TypeOf<BitsUploadLockedException>().With.Property("Owner").Null);
    }

    [Test]
    public async Task An_owner_file_that_another_process_reads_does_not_stand_in_the_way()
    {
        await File.WriteAllTextAsync(_folder.PathOf(_id, "owner"), "process 4711 on elsewhere");
        FileStream reader = new(_folder.PathOf(_id, "owner"), FileMode.Open, FileAccess.Read, FileShare.Read);
        await using (reader)
        {
            Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows lets a reader exclude writers");
            await using FileLock taken = await FileLock.TakeAsync(_id, _folder, CancellationToken.None);
        }
    }

    [Test]
    public async Task The_files_of_a_lock_stay_while_there_is_a_checkpoint()
    {
        await File.WriteAllTextAsync(_folder.PathOf(_id, "json"), "{}");
        await using (await FileLock.TakeAsync(_id, _folder, CancellationToken.None))
        {
            // It is released at once.
        }

        Assert.That(LockFiles, Is.EqualTo((true, true)));
        await FileLock.TryRemoveAsync(_id, _folder);
        Assert.That(LockFiles, Is.EqualTo((true, true)));
        File.Delete(_folder.PathOf(_id, "json"));
        await FileLock.TryRemoveAsync(_id, _folder);
        Assert.That(LockFiles, Is.EqualTo((false, false)));
    }

    private (bool Lock, bool Owner) LockFiles => (File.Exists(_folder.PathOf(_id, "lock")), File.Exists(_folder.PathOf(_id, "owner")));

    private static async Task ReleaseAsync(Task<FileLock> taken)
    {
        FileLock held = await taken;
        await held.DisposeAsync();
    }

    private FileStream Hold() => new(_folder.PathOf(_id, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
