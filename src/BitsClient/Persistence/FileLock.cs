using System.Globalization;
using System.Text;

namespace BitsClient.Persistence;

/// <summary>
/// A lock that the system lets go of when the process ends, however it ends: a file opened for nobody else. It stays in the folder when it is free, because
/// deleting it could take it from somebody who has just opened it; who holds it is told in a file beside it.
/// </summary>
internal sealed class FileLock(FileStream file) : IAsyncDisposable
{
    public static FileLock Take(Guid id, string path, string ownerPath)
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
            using FileStream owner = new(ownerPath, OwnersFile.Options(FileMode.Create));
            owner.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}")));
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }

        return new FileLock(file);
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    // Somebody has it open: a sharing or lock violation on Windows, EWOULDBLOCK elsewhere (Linux, then macOS). Anything else is a failure of its own.
    private static bool IsHeld(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;

    private static string? Owner(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
