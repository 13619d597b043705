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

    private int _isReleased;

    public static FileLock Take(Guid id, string path, string ownerPath, string checkpointPath)
    {
        FileStream file = Open(id, path, ownerPath);
        try
        {
            // Another process that did not get the lock may be reading the file at this moment.
            using FileStream owner = new(ownerPath, PrivateFile.Options(FileMode.Create, FileShare.ReadWrite | FileShare.Delete));
            string name = string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}");
            owner.Write(Encoding.UTF8.GetBytes(name));
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }

        return new FileLock(file, ownerPath, checkpointPath);
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
                    // Marks the file as deleted; see Open. Unlike a write, this works on a full disk.
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
    private static FileStream Open(Guid id, string path, string ownerPath)
    {
        for (int tries = 1; ; tries++)
        {
            FileStream file = OpenOnce(id, path, ownerPath);

            // If another program has written to the file, it still works as a lock.
            if (file.Length == 0 || tries == MaxTries)
            {
                return file;
            }

            file.Dispose();
        }
    }

    private static FileStream OpenOnce(Guid id, string path, string ownerPath)
    {
        try
        {
            return new FileStream(path, PrivateFile.Options(FileMode.OpenOrCreate));
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new BitsUploadLockedException(id, Owner(ownerPath), e);
        }
    }

    // The file is open elsewhere: a sharing or lock violation on Windows, EWOULDBLOCK on Linux (11) and macOS (35).
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;

    private static string? Owner(string path)
    {
        try
        {
            using StreamReader owner = new(PrivateFile.OpenRead(path));
            return owner.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
