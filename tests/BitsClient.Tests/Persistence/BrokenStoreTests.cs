using System.Diagnostics;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Persistence;

/// <summary>A folder that is unusable or full: no saved checkpoint is lost, and the upload either is unaffected or never starts.</summary>
public sealed class BrokenStoreTests
{
    // The words of Linux, and those of Mono.
    private const string OfFullDisk = "No space left on device|Disk full";

    private TemporaryFile _place = null!;

    [SetUp]
    public void SetUp() => _place = new TemporaryFile([]);

    [TearDown]
    public void TearDown() => _place.Dispose();

    [Test]
    public void A_folder_that_is_a_file_or_below_one_is_reported_and_no_packet_is_sent([Values] bool below)
    {
        BitsFileCheckpointStore store = new(below ? Path.Combine(_place.Path, "uploads") : _place.Path);
        using UploadRig rig = Rig(store);
        Assert.That(() => RunAsync(rig), Throws.InstanceOf<IOException>().With.Message.Contains(_place.Path));
        Assert.That(() => store.SaveAsync(States.Full).AsTask(), Throws.InstanceOf<IOException>().With.Message.Contains(_place.Path));
        Assert.That(rig.Server.Dialogue, Is.Empty);
        if (!below)
        {
            Assert.That(
                () => store.ListAsync().AsTask(),
                Throws.InstanceOf<IOException>().With.Message.Contains("is a file"),
                "an empty list would be wrong");
        }
    }

    [Test]
    public void A_read_only_folder_is_reported_and_no_packet_is_sent()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("Root ignores file modes, and Windows has none.");
            return;
        }

        File.SetUnixFileMode(_place.Folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using UploadRig rig = Rig(new BitsFileCheckpointStore(_place.Folder));
        Assert.That(() => RunAsync(rig), Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains(_place.Folder));
        Assert.That(rig.Server.Dialogue, Is.Empty);
        File.SetUnixFileMode(_place.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public async Task A_job_that_was_never_run_is_canceled_without_the_store()
    {
        using UploadRig rig = Rig(new BitsFileCheckpointStore(_place.Path));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.NotStarted));
    }

    [Test]
    public async Task An_upload_that_is_locked_elsewhere_is_neither_run_nor_canceled()
    {
        BitsFileCheckpointStore store = new(_place.Folder);
        using UploadRig rig = Rig(store);
        BitsUploadCheckpoint checkpoint = States.Least with { Id = Guid.NewGuid() };
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(new byte[1]));
        await using (await store.LockAsync(checkpoint.Id))
        {
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadLockedException>());
            Assert.That(() => job.CancelAsync(), Throws.TypeOf<BitsUploadLockedException>());
            Assert.That(() => rig.Client.CancelSessionAsync(checkpoint), Throws.TypeOf<BitsUploadLockedException>());
            Assert.That(rig.Server.Dialogue, Is.Empty);
        }

        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled), "the lock is no longer held");
    }

    [Test]
    public async Task A_failed_save_leaves_the_previous_file_unchanged_and_no_temporary_file()
    {
        BitsFileCheckpointStore store = new(_place.Folder);
        await store.SaveAsync(States.Full);
        string path = PathOf(States.Full, "json");
        byte[] before = await File.ReadAllBytesAsync(path);

        using CancellationTokenSource over = new();
        await over.CancelAsync();
        Assert.That(
            () => store.SaveAsync(States.Full with { BytesAcknowledged = 1 }, over.Token).AsTask(),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(_place.Folder), Is.EquivalentTo(new[] { path, _place.Path }));
        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(before));

        // The rename fails because a folder has the name.
        BitsUploadCheckpoint other = States.Other();
        Directory.CreateDirectory(PathOf(other, "json"));
        Assert.That(() => store.SaveAsync(other).AsTask(), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(Directory.GetFiles(_place.Folder, "*.tmp"), Is.Empty);
    }

    [Test]
    public async Task A_disk_that_fills_up_harms_neither_the_upload_nor_the_saved_checkpoint()
    {
        using FullDisk disk = new(_place.Folder);
        BitsFileCheckpointStore store = new(disk.Folder);
        using UploadRig rig = Rig(store);
        // The first ack is saved before the second fragment is sent; a later one, while the next fragment is.
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        BitsUploadCheckpoint saved = (await store.LoadAsync(job.Id))!;
        disk.Fill();
        Task suspending = job.SuspendAsync();
        gate.Release();
        await suspending;

        Assert.That(job.Checkpoint!.BytesAcknowledged, Is.EqualTo(2000));
        Assert.That(await store.LoadAsync(job.Id), Is.EqualTo(saved), "the previous checkpoint is still there, complete");
        Assert.That(Directory.GetFiles(disk.Folder, "*.tmp"), Is.Empty);
        Assert.That(
            rig.Logs.Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Text),
            Has.Some.Matches(OfFullDisk));

        await job.ResumeAsync();
        await running;
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(await store.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task A_full_disk_refuses_the_upload_before_any_packet()
    {
        using FullDisk disk = new(_place.Folder);
        BitsFileCheckpointStore store = new(disk.Folder);
        await store.SaveAsync(States.Full);
        disk.Fill();
        using UploadRig rig = Rig(store);
        Assert.That(() => RunAsync(rig), Throws.TypeOf<IOException>().With.Message.Matches(OfFullDisk));
        Assert.That(rig.Server.Dialogue, Is.Empty);
        Assert.That((await store.ListAsync()).Single().Checkpoint, Is.EqualTo(States.Full));
    }

    private static UploadRig Rig(IBitsCheckpointStore store) =>
        new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store });

    private static async Task RunAsync(UploadRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
    }

    private string PathOf(BitsUploadCheckpoint checkpoint, string extension) => Path.Combine(_place.Folder, $"{checkpoint.Id}.{extension}");

    /// <summary>A file system of 64 KiB in memory. Only root can mount one; without root the tests are ignored.</summary>
    private sealed class FullDisk : IDisposable
    {
        public FullDisk(string folder)
        {
            Folder = Directory.CreateDirectory(Path.Combine(folder, "disk")).FullName;
            if (!OperatingSystem.IsLinux()
                || !Environment.IsPrivilegedProcess
                || !TryRun("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", Folder))
            {
                Assert.Ignore("Mounting a small disk needs Linux, root, and permission to mount.");
            }
        }

        public string Folder { get; }

        public void Fill()
        {
            using FileStream file = new(Path.Combine(Folder, "full"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1);
            try
            {
                while (true)
                {
                    file.Write(new byte[4096]);
                }
            }
            catch (IOException)
            {
                // The disk is full.
            }
        }

        // Lazy: a process that another test is starting may have the files open for an instant.
        public void Dispose() => TryRun("umount", "--lazy", Folder);

        private static bool TryRun(string program, params string[] arguments)
        {
            ProcessStartInfo start = new(program, string.Join(' ', arguments)) { UseShellExecute = false, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }
}
