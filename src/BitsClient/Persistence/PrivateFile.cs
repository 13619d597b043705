namespace BitsClient.Persistence;

/// <summary>A file that its owner alone may read and write, where the system lets us say so.</summary>
internal static class PrivateFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="mode">How it is opened.</param>
    /// <param name="share">Who else may open it meanwhile.</param>
    public static FileStreamOptions Options(FileMode mode, FileShare share = FileShare.None)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        return options;
    }

    /// <summary>Opens a file to be read, in nobody's way: meanwhile it can be written, replaced and deleted.</summary>
    public static FileStream OpenRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Deletes a file that is in nobody's way where it has to stay.</summary>
    /// <returns>Whether it is gone.</returns>
    public static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays; whatever is written there next replaces it.
            return false;
        }
    }
}
