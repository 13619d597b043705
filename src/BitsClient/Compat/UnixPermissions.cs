#if NETSTANDARD
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace BitsClient;

/// <summary>Permissions of files and folders on Unix, from the C library: .NET Standard 2.0 knows none.</summary>
internal static class UnixPermissions
{
    // What statx(2) has on Linux, the same on each processor: the size of its answer, where the mode is in it, and how it is asked for.
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int CurrentFolder = -100;
    private const uint ModeWanted = 2;
    private const int PermissionBits = 0xFFF;

    /// <summary>Creates an empty file with these permissions, unless there is one.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static void CreateFile(string path, UnixFileMode mode)
    {
        if (File.Exists(path))
        {
            return;
        }

        int file = Creat(Encoded(path), (uint)mode);
        if (file < 0)
        {
            throw FailureOf(path, "file");
        }

        Close(file);
    }

    /// <summary>Creates a folder with these permissions, and those that it is in as usual, unless there is one.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static void CreateFolder(string folder, UnixFileMode mode)
    {
        string path = folder.TrimEnd(Path.DirectorySeparatorChar);
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
        {
            Directory.CreateDirectory(parent);
        }

        if (MkDir(Encoded(path), (uint)mode) < 0 && !Directory.Exists(path))
        {
            throw FailureOf(path, "folder");
        }
    }

    /// <summary>The permissions of a file or folder; none where the system cannot be asked, as on macOS.</summary>
    public static UnixFileMode Of(string path)
    {
        byte[] answer = new byte[StatxSize];
        try
        {
            return Statx(CurrentFolder, Encoded(path), 0, ModeWanted, answer) == 0
                ? (UnixFileMode)(BitConverter.ToUInt16(answer, ModeOffset) & PermissionBits)
                : UnixFileMode.None;
        }
        catch (EntryPointNotFoundException)
        {
            return UnixFileMode.None;
        }
    }

    private static byte[] Encoded(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static IOException FailureOf(string path, string what)
    {
        int error = Marshal.GetLastWin32Error();
        string message = string.Format(
            CultureInfo.InvariantCulture, "The {0} '{1}' cannot be created: error {2} of the operating system.", what, path, error);
        return new IOException(message, new Win32Exception(error));
    }

    [DllImport("libc", EntryPoint = "creat", SetLastError = true)]
    private static extern int Creat(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);

    [DllImport("libc", EntryPoint = "mkdir", SetLastError = true)]
    private static extern int MkDir(byte[] path, uint mode);

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, byte[] answer);
}
#endif
