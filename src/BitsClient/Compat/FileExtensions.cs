#if NETSTANDARD
using System.Runtime.InteropServices;

namespace BitsClient;

/// <summary>Members of files and folders that .NET Standard 2.0 lacks.</summary>
internal static class FileExtensions
{
    extension(File)
    {
        public static FileStream Open(string path, FileStreamOptions options)
        {
            if (options.UnixCreateMode is { } mode && options.Mode is not FileMode.Open)
            {
                UnixPermissions.CreateFile(path, mode);
            }

            // A file that was just created with its permissions is not a new one anymore.
            FileMode opening = options is { UnixCreateMode: not null, Mode: FileMode.CreateNew } ? FileMode.Open : options.Mode;
            return new FileStream(path, opening, options.Access, options.Share, Math.Max(1, options.BufferSize), options.Options);
        }

        public static SafeFileHandle OpenHandle(string path, FileMode mode, FileAccess access, FileShare share, FileOptions options)
        {
            FileStream file = new(path, mode, access, share, bufferSize: 1, options);
            return new SafeFileHandle(path, file);
        }

        public static DateTime GetLastWriteTimeUtc(SafeFileHandle file) => file.LastWriteTimeUtc;

        public static UnixFileMode GetUnixFileMode(string path) => UnixPermissions.Of(path);
    }

    extension(FileInfo file)
    {
        /// <summary>Not null for a link, whose target is not known: then it is the path of the link.</summary>
        public string? LinkTarget =>
            file.Exists && (file.Attributes & FileAttributes.ReparsePoint) == FileAttributes.ReparsePoint ? file.FullName : null;
    }

    extension(Directory)
    {
        public static DirectoryInfo CreateDirectory(string path, UnixFileMode mode)
        {
            UnixPermissions.CreateFolder(path, mode);
            return Directory.CreateDirectory(path);
        }
    }
}
#endif
