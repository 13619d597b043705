using System.Diagnostics;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>Whatever has the name of a checkpoint, and is none, is listed with its error and does no harm to the others.</summary>
public sealed class OddEntryTests
{
    private static readonly string[] Oddities =
        ["a FIFO", "a link to a FIFO", "a link to nothing", "a link to a checkpoint", "a folder", "an empty file", "a huge file", "a copy"];

    private readonly BitsUploadCheckpoint _other = States.Other();

    private TemporaryFile _place = null!;
    private BitsFileCheckpointStore _store = null!;
    private string _path = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows has no FIFOs");
        _place = new TemporaryFile([]);
        _store = new BitsFileCheckpointStore(_place.Folder);
        _path = Path.Combine(_place.Folder, $"{States.Full.Id}.json");
    }

    [TearDown]
    public void TearDown() => _place?.Dispose();

    [TestCaseSource(nameof(Oddities))]
    public async Task It_is_an_entry_with_an_error_and_the_others_are_listed(string oddity)
    {
        await _store.SaveAsync(_other);
        string reason = await CreateAsync(oddity);
        IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
        Assert.That(listed.Select(entry => entry.Checkpoint), Is.EqualTo(new[] { _other, null }));
        Assert.That(listed[1].Location, Is.EqualTo(_path));
        Assert.That(listed[1].Error, Is.TypeOf<InvalidDataException>());
        Assert.That(listed[1].Error!.Message, Does.StartWith($"'{_path}'").And.Contain(reason).And.Contain("elete it"));
        Assert.That(Path.Exists(_path) || oddity == "a link to nothing", "it was left as it is");
    }

    [TestCase(1024 * 1024, true)]
    [TestCase((1024 * 1024) + 1, false)]
    public async Task A_checkpoint_has_one_MiB_at_most(int length, bool isRead)
    {
        await _store.SaveAsync(States.Full);
        string json = await File.ReadAllTextAsync(_path);
        await File.WriteAllTextAsync(_path, json.PadRight(length));
        IReadOnlyList<BitsStoredCheckpoint> listed = await _store.ListAsync();
        Assert.That(listed.Single().Checkpoint, isRead ? Is.EqualTo(States.Full) : Is.Null);
        Assert.That(listed.Single().Error?.Message, isRead ? Is.Null : Does.Contain("1048577 bytes"));
    }

    [TestCaseSource(nameof(Oddities))]
    public async Task It_cannot_be_loaded(string oddity)
    {
        await _store.SaveAsync(_other);
        string reason = await CreateAsync(oddity);
        Assert.That(
            () => _store.LoadAsync(States.Full.Id).AsTask(), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
        Assert.That(await _store.LoadAsync(_other.Id), Is.EqualTo(_other));
    }

    [TestCase("lock")]
    [TestCase("owner")]
    public async Task A_link_in_the_place_of_a_lock_leads_to_no_change(string extension)
    {
        await _store.SaveAsync(States.Full);
        string target = Path.Combine(_place.Folder, "letter");
        await File.WriteAllTextAsync(target, "Dear Sir or Madam");
        File.CreateSymbolicLink(Path.ChangeExtension(_path, extension), target);
        Assert.That(
            () => _store.LockAsync(States.Full.Id).AsTask(), Throws.TypeOf<IOException>().With.Message.Contains("is a link"));
        await _store.ListAsync();
        Assert.That(await File.ReadAllTextAsync(target), Is.EqualTo("Dear Sir or Madam"));
    }

    [Test]
    public void A_FIFO_is_no_lock()
    {
        CreateFifo(Path.ChangeExtension(_path, "lock"));
        Assert.That(
            () => _store.LockAsync(States.Full.Id).AsTask(), Throws.TypeOf<IOException>().With.Message.Contains("not a regular file"));
        Assert.That(() => _store.ListAsync().AsTask(), Throws.Nothing);
    }

    [Test]
    public async Task A_FIFO_names_no_owner()
    {
        string owner = Path.ChangeExtension(_path, "owner");
        await using IAsyncDisposable held = await _store.LockAsync(States.Full.Id);
        File.Delete(owner);
        CreateFifo(owner);
        Assert.That(
            () => _store.LockAsync(States.Full.Id).AsTask(),
            Throws.TypeOf<BitsUploadLockedException>().With.Property(nameof(BitsUploadLockedException.Owner)).Null);
    }

    private static void CreateFifo(string path)
    {
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }

    /// <summary>Creates it under the name of a checkpoint, and returns what the error says about it.</summary>
    private async Task<string> CreateAsync(string oddity)
    {
        string target = Path.Combine(_place.Folder, "target");
        switch (oddity)
        {
            case "a FIFO":
                CreateFifo(_path);
                return "not a regular file";
            case "a link to a FIFO":
                CreateFifo(target);
                File.CreateSymbolicLink(_path, target);
                return "is a link";
            case "a link to nothing":
                File.CreateSymbolicLink(_path, target);
                return "is a link";
            case "a link to a checkpoint":
                await File.WriteAllTextAsync(target, States.Full.ToJson());
                File.CreateSymbolicLink(_path, target);
                return "is a link";
            case "a folder":
                Directory.CreateDirectory(_path);
                return "is a folder";
            case "an empty file":
                await File.WriteAllBytesAsync(_path, []);
                return "is empty";
            case "a huge file":
                await using (FileStream file = File.Create(_path))
                {
                    file.SetLength(3L << 30);
                }

                return "3221225472 bytes";
            default:
                File.Copy(Path.Combine(_place.Folder, $"{_other.Id}.json"), _path);
                return $"the upload {_other.Id}, so its name should be {_other.Id}.json";
        }
    }
}
