using System.Globalization;
using System.Text;

namespace BitsClient.Persistence;

/// <summary>
/// A file that is open for exclusive access, so that the operating system releases the lock when the process ends in any way. A file beside
/// it names the owner. Both files stay in the folder as long as the upload has a checkpoint.
/// </summary>
internal sealed class FileLock(FileStream file, string ownerPath, string checkpointPath) : IAsyncDisposable
{
    private const int MaxTries = 100;
    private const int MaxOwnerLength = 200;
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);

    // While files that a killed process left behind are removed, their lock is held for an instant.
    private const int MaxTriesWhileHeld = 25;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly byte[] OwnName = Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));

    private int _isReleased;

    /// <exception cref="BitsUploadLockedException">Another process or job holds the lock.</exception>
    /// <exception cref="IOException">The file cannot be opened, or to open it excludes nobody.</exception>
    public static async Task<FileLock> TakeAsync(Guid id, StoreFolder folder, CancellationToken cancellationToken)
    {
        string ownerPath = folder.PathOf(id, "owner");
        string checkpointPath = folder.PathOf(id, "json");

        // The files of an upload that ended, or never began, are not left behind.
        bool isNew = !File.Exists(folder.PathOf(id, "lock")) && !File.Exists(checkpointPath);
        FileStream file = await OpenAsync(id, folder, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!folder.HasLocks)
            {
                ThrowIfShared(file, folder);
                folder.HasLocks = true;
            }

            WriteOwner(ownerPath, folder);
            if (!isNew)
            {
                folder.DeleteTemporaries(id);
            }
        }
        catch (Exception)
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new FileLock(file, ownerPath, checkpointPath);
    }

    /// <summary>Removes the files of a lock that nobody holds, if the upload has no checkpoint.</summary>
    public static async Task TryRemoveAsync(Guid id, StoreFolder folder)
    {
        try
        {
            FileStream file = OpenOnce(folder.PathOf(id, "lock"), folder);
            await using (file.ConfigureAwait(false))
            {
                // One that is not empty was deleted by its holder in the meantime; the file with this name belongs to the next one.
                if (file.Length == 0)
                {
                    ThrowIfShared(file, folder);
                    FileLock held = new(file, folder.PathOf(id, "owner"), folder.PathOf(id, "json"));
                    await held.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody holds it, or this process must not delete it.
        }
    }

    /// <summary>Releases the lock. Calling it again has no effect, because the files may belong to another process by then.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 1)
        {
            return;
        }

        bool isUploadOver = !File.Exists(checkpointPath);
        try
        {
            if (isUploadOver)
            {
                PrivateFile.TryDelete(ownerPath);
                if (PrivateFile.TryDelete(file.Name))
                {
                    // Marks the file as deleted; see OpenAsync. Unlike a write, this works on a full disk.
                    file.SetLength(1);
                }
            }
        }
        finally
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }

        if (isUploadOver && OperatingSystem.IsWindows())
        {
            // On Windows, a file can be deleted only after it is closed.
            PrivateFile.TryDelete(file.Name);
        }
    }

    // The operating system opens a file and locks it in two steps. A file that is deleted between the two can still be locked, but such a
    // lock excludes nobody, because the next process creates another file. A deleted file is recognized by its length.
    private static async Task<FileStream> OpenAsync(Guid id, StoreFolder folder, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                FileStream file = OpenOnce(folder.PathOf(id, "lock"), folder);

                // If another program has written to the file, it still works as a lock.
                if (file.Length == 0 || tries >= MaxTries)
                {
                    return file;
                }

                await file.DisposeAsync().ConfigureAwait(false);
            }
            catch (IOException e) when (IsHeld(e))
            {
                if (tries >= MaxTriesWhileHeld || Path.Exists(folder.PathOf(id, "json")))
                {
                    throw new BitsUploadLockedException(id, Owner(folder.PathOf(id, "owner")), e);
                }

                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static FileStream OpenOnce(string path, StoreFolder folder)
    {
        // A release marks the file, wherever a link leads.
        PrivateFile.ThrowIfLink(path);
        FileStream file = folder.Open(path, PrivateFile.Options(FileMode.OpenOrCreate));
        if (file.CanSeek)
        {
            return file;
        }

        file.Dispose();
        throw new IOException($"'{path}' is not a regular file, so it cannot be a lock. Delete it.");
    }

    private static void WriteOwner(string path, StoreFolder folder)
    {
        PrivateFile.ThrowIfLink(path);

        // Another process that did not get the lock may be reading the file at this moment.
        using FileStream owner = folder.Open(path, PrivateFile.Options(FileMode.Create, FileShare.ReadWrite | FileShare.Delete));
        owner.Write(OwnName, 0, OwnName.Length);
    }

    // Where file locking is off, the same file can be opened again.
    private static void ThrowIfShared(FileStream file, StoreFolder folder)
    {
        try
        {
            using FileStream again = folder.Open(file.Name, PrivateFile.Options(FileMode.Open));
        }
        catch (IOException e) when (IsHeld(e))
        {
            return;
        }

        throw new IOException(
            $"'{file.Name}' cannot be locked, so nothing would prevent another process from running the upload at the same time. "
            + "Either file locking is turned off in .NET (System.IO.DisableFileLocking, DOTNET_SYSTEM_IO_DISABLEFILELOCKING): turn it on. "
            + "Or the file system has no locks, as some network file systems: use a folder on another one.");
    }

    // The file is open elsewhere: EWOULDBLOCK on Linux (11) and macOS (35); or ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows,
    // and in Mono on each system.
    private static bool IsHeld(IOException e) =>
        e.HResult is SharingViolation or LockViolation || (!OperatingSystem.IsWindows() && e.HResult is 11 or 35);

    private static string? Owner(string path)
    {
        try
        {
            // Not opened while it is empty: to open a FIFO could block.
            if (new FileInfo(path) is { Length: 0 })
            {
                return null;
            }

            using StreamReader owner = new(PrivateFile.OpenRead(path));
            char[] name = new char[MaxOwnerLength];
            return new string(name, 0, owner.ReadBlock(name, 0, name.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
