using System.Diagnostics;
using BitsClient.Tests.Support;

namespace BitsClient.Tests;

/// <summary>Files on .NET Framework: reads at a position, permissions, links.</summary>
public sealed class FileSystemTests
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"bitsclient-{Guid.NewGuid():N}");

    [SetUp]
    public void MakeFolder() => Directory.CreateDirectory(_folder);

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Concurrent_reads_get_the_bytes_at_their_positions()
    {
        const int Length = 100_000;
        byte[] bytes = UploadRig.Bytes(Length);
        string path = Path.Combine(_folder, "a.bin");
        File.WriteAllBytes(path, bytes);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.Asynchronous);
        Memory<byte>[] parts = [.. Enumerable.Range(0, 100).Select(_ => new byte[1000].AsMemory())];
        await Task.WhenAll(parts.Select((part, i) => RandomAccess.ReadAsync(file, part, (99 - i) * 1000, CancellationToken.None).AsTask()));
        Assert.That(parts.Reverse().SelectMany(part => part.ToArray()), Is.EqualTo(bytes));
    }

    [Test]
    [Platform("Unix,Linux")]
    public async Task A_checkpoint_and_its_folder_are_for_their_owner_only([Values("state", "state/")] string name)
    {
        BitsFileCheckpointStore store = new(Path.Combine(_folder, name));
        Guid id = Guid.NewGuid();
        await using (await store.LockAsync(id))
        {
            await store.SaveAsync(new BitsUploadCheckpoint
            {
                Id = id,
                Url = new Uri("http://bits.test/a.bin"),
                SessionId = "1",
                BytesAcknowledged = 0,
                BytesTotal = 10,
            });
            Assert.That(File.GetUnixFileMode(store.Folder), Is.EqualTo((UnixFileMode)0x1C0), "rwx------");
            string[] files = Directory.GetFiles(store.Folder);
            Assert.That(files, Has.Length.EqualTo(3), "checkpoint, lock and owner");
            Assert.That(files.Select(File.GetUnixFileMode), Is.All.EqualTo((UnixFileMode)0x180), "rw-------");
        }
    }

    [Test]
    [Platform("Unix,Linux")]
    public void A_folder_that_others_can_write_to_is_refused()
    {
        Run("chmod", $"777 {_folder}");
        BitsFileCheckpointStore store = new(_folder);
        Assert.That(() => store.LockAsync(Guid.NewGuid()).AsTask(), Throws.TypeOf<IOException>().With.Message.Contains("chmod go-w"));
    }

    [Test]
    [Platform("Unix,Linux")]
    public void A_link_is_no_lock()
    {
        BitsFileCheckpointStore store = new(_folder);
        Guid id = Guid.NewGuid();
        Run("ln", $"-s {Path.Combine(_folder, "elsewhere")} {Path.Combine(_folder, $"{id}.lock")}");
        Assert.That(() => store.LockAsync(id).AsTask(), Throws.TypeOf<IOException>().With.Message.Contains("is a link"));
    }

    [Test]
    public async Task A_lock_that_is_held_is_told_as_that()
    {
        BitsFileCheckpointStore store = new(_folder);
        Guid id = Guid.NewGuid();
        await using (await store.LockAsync(id))
        {
            Assert.That(() => store.LockAsync(id).AsTask(), Throws.TypeOf<BitsUploadLockedException>());
        }
    }

    private static void Run(string program, string arguments)
    {
        using Process process = Process.Start(program, arguments)!;
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }
}
