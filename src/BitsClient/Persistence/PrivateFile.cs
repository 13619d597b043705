namespace BitsClient.Persistence;

/// <summary>Opens files that only their owner can read and write, if the operating system supports that.</summary>
internal static class PrivateFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="mode">How the file is opened.</param>
    /// <param name="share">How others may open the file in the meantime.</param>
    public static FileStreamOptions Options(FileMode mode, FileShare share = FileShare.None)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not FileMode.Open)
        {
            options.UnixCreateMode = Mode;
        }

        return options;
    }

    /// <summary>Opens a file for reading. Others can write, replace and delete it in the meantime.</summary>
    public static FileStream OpenRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <exception cref="IOException">The path is a link, which leads to a file that may be anything.</exception>
    public static void ThrowIfLink(string path)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            throw new IOException($"'{path}' is a link; a checkpoint store needs a file of its own there. Delete the link.");
        }
    }

    /// <summary>Deletes a file whose presence does no harm. Does not throw if access is denied or the file is in use.</summary>
    /// <returns>Whether the file was deleted, or did not exist.</returns>
    public static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file stays; a later lock of the upload, or a sweep of the folder, deletes it.
            return false;
        }
    }
}
