using System.Globalization;
using System.Net.Sockets;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>One at a time runs an upload.</summary>
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
    public async Task The_second_is_refused_and_told_who_the_first_is_until_that_lets_go()
    {
        IAsyncDisposable first = await _store.LockAsync(Id);
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => new BitsFileCheckpointStore(_place.Folder).LockAsync(Id).AsTask())!;
        string owner = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}");
        Assert.That((e.Id, e.Owner), Is.EqualTo((Id, owner)));
        Assert.That(e.Message, Does.Contain(Id.ToString()).And.Contain(owner));
        await using (await _store.LockAsync(Guid.NewGuid()))
        {
            // Another upload is nobody's business.
        }

        await first.DisposeAsync();
        await using IAsyncDisposable second = await _store.LockAsync(Id);
        Assert.That(() => _store.LockAsync(Id).AsTask(), Throws.TypeOf<BitsUploadLockedException>());
    }

    [Test]
    public async Task Of_many_at_once_one_gets_it()
    {
        TaskCompletionSource start = new();
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
    public async Task What_a_dead_process_left_is_no_lock()
    {
        await File.WriteAllTextAsync(PathOf("lock"), "");
        await File.WriteAllTextAsync(PathOf("owner"), "process 4711 on a machine with a rather long name that is long gone");
        await using IAsyncDisposable held = await _store.LockAsync(Id);
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => _store.LockAsync(Id).AsTask())!;
        Assert.That(e.Owner, Does.StartWith("process ").And.EndWith($" on {Environment.MachineName}"), "the stale owner is gone");
    }

    [Test]
    public async Task Nobody_is_named_where_nobody_knows_who_it_is()
    {
        await using IAsyncDisposable held = await _store.LockAsync(Id);
        File.Delete(PathOf("owner"));
        BitsUploadLockedException e = Assert.ThrowsAsync<BitsUploadLockedException>(() => _store.LockAsync(Id).AsTask())!;
        Assert.That(e.Owner, Is.Null);
        Assert.That(e.Message, Does.Contain("somebody else"));
    }

    [Test]
    public void A_lock_that_cannot_be_opened_is_not_held_by_anybody()
    {
        Assume.That(OperatingSystem.IsLinux(), "a socket stands for a disk that fails: it is there and cannot be opened");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(PathOf("lock")));
        Assert.That(() => _store.LockAsync(Id).AsTask(), Throws.TypeOf<IOException>().With.Message.Contains(PathOf("lock")));
    }

    [Test]
    public async Task A_lock_whose_owner_cannot_be_told_is_let_go_of_again()
    {
        Directory.CreateDirectory(PathOf("owner"));
        Assert.That(() => _store.LockAsync(Id).AsTask(), Throws.TypeOf<UnauthorizedAccessException>());
        Directory.Delete(PathOf("owner"));
        await using IAsyncDisposable held = await _store.LockAsync(Id);
    }

    private string PathOf(string extension) => Path.Combine(_place.Folder, $"{Id}.{extension}");
}
