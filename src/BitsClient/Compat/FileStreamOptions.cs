#if NETSTANDARD
namespace BitsClient;

/// <summary>How a file is opened, as in .NET 6.</summary>
internal sealed class FileStreamOptions
{
    public FileMode Mode { get; init; } = FileMode.Open;

    public FileAccess Access { get; init; } = FileAccess.Read;

    public FileShare Share { get; init; } = FileShare.Read;

    public FileOptions Options { get; init; }

    /// <summary>Zero for none.</summary>
    public int BufferSize { get; init; } = 4096;

    /// <summary>The permissions of a file that is created on Unix; null for those that the umask leaves.</summary>
    public UnixFileMode? UnixCreateMode { get; set; }
}
#endif
