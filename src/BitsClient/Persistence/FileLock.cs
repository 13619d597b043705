using System.Globalization;
using System.Text;

namespace BitsClient.Persistence;

/// <summary>
/// A lock that the system lets go of when the process ends, however it ends: a file opened for nobody else; who holds it is told in a file beside it. Both stay in
/// the folder as long as there is a state to be locked.
/// </summary>
internal sealed class FileLock(FileStream file, string ownerPath, string statePath) : IAsyncDisposable
{
    public static FileLock Take(Guid id, string path, string ownerPath, string statePath)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, OwnersFile.Options(FileMode.OpenOrCreate));
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new BitsUploadLockedException(id, Owner(ownerPath), e);
        }

        try
        {
            // Whoever was refused may be reading it just now.
            using FileStream owner = new(ownerPath, OwnersFile.Options(FileMode.Create, FileShare.ReadWrite | FileShare.Delete));
            owner.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}")));
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }

        return new FileLock(file, ownerPath, statePath);
    }

    public async ValueTask DisposeAsync()
    {
        bool isOver = !File.Exists(statePath);
        if (isOver)
        {
            OwnersFile.TryDelete(ownerPath);
            OwnersFile.TryDelete(file.Name);
        }

        await file.DisposeAsync().ConfigureAwait(false);
        if (isOver && OperatingSystem.IsWindows())
        {
            // Not before, there.
            OwnersFile.TryDelete(file.Name);
        }
    }

    // Somebody has it open: a sharing or lock violation on Windows, EWOULDBLOCK elsewhere (Linux, then macOS). Anything else is a failure of its own.
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;

    private static string? Owner(string path)
    {
        try
        {
            using StreamReader owner = new(OwnersFile.OpenRead(path));
            return owner.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
