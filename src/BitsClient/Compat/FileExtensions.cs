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
            FileMode mode = options.Mode;
            if (options.UnixCreateMode is { } permissions)
            {
                // A file that was just created with its permissions is not a new one anymore.
                bool mustBeNew = mode is FileMode.CreateNew && !File.Exists(path);
                UnixPermissions.CreateFile(path, permissions);
                mode = mustBeNew ? FileMode.Open : mode;
            }

            return new FileStream(path, mode, options.Access, options.Share, Math.Max(1, options.BufferSize), options.Options);
        }

        public static SafeFileHandle OpenHandle(string path, FileMode mode, FileAccess access, FileShare share, FileOptions options) =>
            new(new FileStream(path, mode, access, share, bufferSize: 1, options));

        public static DateTime GetLastWriteTimeUtc(SafeFileHandle file) => file.LastWriteTimeUtc;

    }

    extension(DirectoryInfo folder)
    {
        public UnixFileMode UnixFileMode => UnixPermissions.Of(folder.FullName);
    }

    extension(FileInfo file)
    {
        /// <summary>The path of the link itself, because its target is unknown; null if it is not a link.</summary>
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
