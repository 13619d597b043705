namespace BitsClient.Content;

/// <summary>A copy of a stream that cannot seek, in a temporary file that is deleted when it is closed.</summary>
internal static class SpooledFile
{
    private const int BufferSize = 128 * 1024;

    public static async Task<BitsUploadSource> CopyAsync(
        Stream stream, string? name, string? folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException("The stream cannot be read.", nameof(stream));
        }

        FileStream file = File.Open(Path.Combine(folder ?? Path.GetTempPath(), $"bitsclient-{Guid.NewGuid():N}.tmp"), Options());
        try
        {
            await stream.CopyToAsync(file, BufferSize, cancellationToken).ConfigureAwait(false);
            file.Position = 0;
            return StreamSource.Open(file, name, leaveOpen: false);
        }
        catch (Exception)
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static FileStreamOptions Options()
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
