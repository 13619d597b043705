using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>What other users could write is not trusted, and what the store writes is its own.</summary>
public sealed class FolderAccessTests
{
    private const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [TestCase(UnixFileMode.GroupWrite, "720")]
    [TestCase(UnixFileMode.OtherWrite, "702")]
    [TestCase(UnixFileMode.OtherWrite | UnixFileMode.StickyBit, "1702")]
    public async Task A_folder_that_others_can_write_to_is_refused_before_anything_is_sent(UnixFileMode others, string octal)
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        await store.SaveAsync(States.Full);
        SetMode(place.Folder, All | others);
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = store });
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Refused());
        Assert.That(rig.Server.Dialogue, Is.Empty);
        Assert.That(() => store.LockAsync(States.Full.Id).AsTask(), Refused());
        Assert.That(() => store.SaveAsync(States.Full).AsTask(), Refused());
        Assert.That(() => store.LoadAsync(States.Full.Id).AsTask(), Refused());
        Assert.That(() => store.ListAsync().AsTask(), Refused());

        NUnit.Framework.Constraints.Constraint Refused() => Throws.TypeOf<IOException>()
            .With.Message.Contains($"Other users can write to the folder '{place.Folder}' (mode {octal})")
            .And.Message.Contains("chmod go-w");
    }

    [Test]
    public async Task A_folder_that_others_can_only_read_is_used()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(place.Folder);
        const UnixFileMode group = UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        SetMode(place.Folder, All | group | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await store.SaveAsync(States.Full);
        Assert.That(await store.LoadAsync(States.Full.Id), Is.EqualTo(States.Full));
    }

    [Test]
    public async Task Each_temporary_file_is_created_anew_under_another_name_and_for_its_owner_only()
    {
        using TemporaryFile place = new([]);
        List<(string Path, FileMode Mode, UnixFileMode? Access)> created = [];
        BitsFileCheckpointStore store = new(place.Folder, (path, options) =>
        {
            created.Add((path, options.Mode, OperatingSystem.IsWindows() ? null : options.UnixCreateMode));
            return new FileStream(path, options);
        });
        await store.SaveAsync(States.Full);
        await store.SaveAsync(States.Full);
        UnixFileMode? access = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(created.Select(file => (file.Mode, file.Access)), Is.All.EqualTo((FileMode.CreateNew, access)));
        Assert.That(created.Select(file => file.Path), Is.Unique);
        Assert.That(
            created.Select(file => Path.GetFileName(file.Path)), Is.All.Matches($"^{States.Full.Id}\\.[a-z0-9.]{{12}}\\.tmp$"));
    }

    private static void SetMode(string folder, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Windows has no file modes.");
            return;
        }

        File.SetUnixFileMode(folder, mode);
    }
}
