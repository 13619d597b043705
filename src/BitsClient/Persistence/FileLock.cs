using System.Globalization;

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
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(path))
        {
            throw new BitsUploadLockedException(id, Owner(ownerPath), e);
        }

        try
        {
            File.WriteAllText(ownerPath, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }

        return new FileLock(file);
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

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
