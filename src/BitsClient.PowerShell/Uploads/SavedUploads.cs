using System.Management.Automation.Language;

namespace BitsClient.PowerShell.Uploads;

/// <summary>The folder with the checkpoints of unfinished uploads.</summary>
internal sealed class SavedUploads
{
    public SavedUploads(string path) => Store = new BitsFileCheckpointStore(path);

    public BitsFileCheckpointStore Store { get; }

    public string Path => Store.Folder;

    /// <summary>The parameter that names the folder, with a space before it; empty for the default folder.</summary>
    public string Parameter =>
        FindDefault() is { } path && IsSameAs(new SavedUploads(path))
            ? ""
            : $" -StatePath '{CodeGeneration.EscapeSingleQuotedStringContent(Path)}'";

    /// <summary>The folder for the uploads of this user.</summary>
    /// <exception cref="IOException">The user has no folder for the data of applications.</exception>
    public static string DefaultPath() =>
        FindDefault() ?? throw new IOException("This user has no folder for uploads. Specify one with -StatePath.");

    public bool IsSameAs(SavedUploads other) => FilePaths.Comparer.Equals(Trimmed(Path), Trimmed(other.Path));

    private static string Trimmed(string path) => path.TrimEnd(System.IO.Path.DirectorySeparatorChar);

    private static string? FindDefault()
    {
        string data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0 ? System.IO.Path.Combine(data, "BitsClient", "Uploads") : null;
    }
}
