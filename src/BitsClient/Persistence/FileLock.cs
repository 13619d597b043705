using System.Globalization;
using System.Text;

namespace BitsClient.Persistence;

/// <summary>
/// A lock that the system lets go of when the process ends, however it ends: a file opened for nobody else; who holds it is told in a file beside it. Both stay in
/// the folder as long as there is a state to be locked.
/// </summary>
internal sealed class FileLock(FileStream file, string ownerPath, string statePath) : IAsyncDisposable
{
    private const int MostTries = 100;

    private int _isReleased;

    public static FileLock Take(Guid id, string path, string ownerPath, string statePath)
    {
        FileStream file = Open(id, path, ownerPath);
        try
        {
            // Whoever was refused may be reading it just now.
            using FileStream owner = new(ownerPath, PrivateFile.Options(FileMode.Create, FileShare.ReadWrite | FileShare.Delete));
            owner.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}")));
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }

        return new FileLock(file, ownerPath, statePath);
    }

    /// <summary>Releases the lock. Calling it again has no effect: by then, the files may be somebody else's.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 1)
        {
            return;
        }

        bool isOver = !File.Exists(statePath);
        try
        {
            if (isOver)
            {
                PrivateFile.TryDelete(ownerPath);
                if (PrivateFile.TryDelete(file.Name))
                {
                    // Unlike a write, this needs no space on a disk that is full.
                    file.SetLength(1);
                }
            }
        }
        finally
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }

        if (isOver && OperatingSystem.IsWindows())
        {
            // Not before, there.
            PrivateFile.TryDelete(file.Name);
        }
    }

    // The system opens a file and locks it in two steps. A file that is deleted between the two can still be locked, but it is no lock
    // any more: whoever comes next creates another. It can be told by its length.
    private static FileStream Open(Guid id, string path, string ownerPath)
    {
        for (int tries = 1; ; tries++)
        {
            FileStream file = OpenOnce(id, path, ownerPath);

            // Should somebody have written to the file, it is a lock all the same.
            if (file.Length == 0 || tries == MostTries)
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

    // Somebody has it open: a sharing or lock violation on Windows, EWOULDBLOCK elsewhere (Linux, then macOS). Anything else is a failure of its own.
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
