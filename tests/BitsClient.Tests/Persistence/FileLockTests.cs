using System.Globalization;
using System.Net.Sockets;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>Only one process or job at a time runs an upload.</summary>
public sealed class FileLockTests
{
    private static readonly Guid Id = Guid.NewGuid();

    private TemporaryFile _place = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _place = new TemporaryFile([]);
        _store = new BitsFileCheckpointStore(_place.Folder);
    }

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test]
    public async Task A_second_lock_is_refused_with_the_owner_until_the_first_is_released()
    {
        IAsyncDisposable first = await _store.LockAsync(Id);
        BitsFileCheckpointStore other = new(_place.Folder);
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => other.LockAsync(Id).AsTask())!;
        string owner = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}");
        Assert.That((e.Id, e.Owner), Is.EqualTo((Id, owner)));
        Assert.That(e.Message, Does.Contain(Id.ToString()).And.Contain(owner));
        await using (await _store.LockAsync(Guid.NewGuid()))
        {
            // The lock of another upload is free.
        }

        await first.DisposeAsync();
        await using IAsyncDisposable second = await _store.LockAsync(Id);
        Assert.That(() => _store.LockAsync(Id).AsTask(), Throws.TypeOf<BitsUploadLockedException>());
    }

    [Test]
    public async Task Only_one_of_many_concurrent_callers_gets_the_lock()
    {
        TaskCompletionSource start = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IAsyncDisposable?>[] takers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(TakeAsync))];
        start.SetResult();
        IAsyncDisposable?[] locks = await Task.WhenAll(takers);
        Assert.That(locks.Count(held => held is not null), Is.EqualTo(1));
        await locks.Single(held => held is not null)!.DisposeAsync();

        async Task<IAsyncDisposable?> TakeAsync()
        {
            await start.Task;
            try
            {
                return await _store.LockAsync(Id);
            }
            catch (BitsUploadLockedException)
            {
                return null;
            }
        }
    }

    [Test]
    public async Task Files_left_by_a_dead_process_are_not_a_lock()
    {
        await File.WriteAllTextAsync(PathOf("lock"), "");
        await File.WriteAllTextAsync(PathOf("owner"), "process 4711 on a machine with a rather long name that is long gone");
        await using IAsyncDisposable held = await _store.LockAsync(Id);
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => _store.LockAsync(Id).AsTask())!;
        Assert.That(e.Owner, Does.StartWith("process ").And.EndWith($" on {Environment.MachineName}"), "the stale owner is gone");
    }

    [Test]
    public async Task An_owner_that_is_endless_is_cut_short()
    {
        await using IAsyncDisposable held = await _store.LockAsync(Id);
        await File.WriteAllTextAsync(PathOf("owner"), new string('x', 100_000));
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => _store.LockAsync(Id).AsTask())!;
        Assert.That(e.Owner, Has.Length.EqualTo(200));
    }

    [Test]
    public async Task No_owner_is_named_when_the_owner_is_unknown()
    {
        await using IAsyncDisposable held = await _store.LockAsync(Id);
        File.Delete(PathOf("owner"));
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => _store.LockAsync(Id).AsTask())!;
        Assert.That(e.Owner, Is.Null);
        Assert.That(e.Message, Does.Contain("another job or process"));
    }

    [Test]
    public void A_lock_file_that_cannot_be_opened_does_not_count_as_held()
    {
        Assume.That(OperatingSystem.IsLinux(), "a socket stands for a failing disk: the file exists and cannot be opened");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(PathOf("lock")));
        Assert.That(() => _store.LockAsync(Id).AsTask(), Throws.TypeOf<IOException>().With.Message.Contains(PathOf("lock")));
    }

    [Test]
    public async Task A_lock_whose_owner_cannot_be_written_is_released()
    {
        Directory.CreateDirectory(PathOf("owner"));
        Assert.That(() => _store.LockAsync(Id).AsTask(), Throws.TypeOf<UnauthorizedAccessException>());
        Directory.Delete(PathOf("owner"));
        await using IAsyncDisposable held = await _store.LockAsync(Id);
    }

    private string PathOf(string extension) => Path.Combine(_place.Folder, $"{Id}.{extension}");
}
