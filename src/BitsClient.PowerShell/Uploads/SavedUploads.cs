namespace BitsClient.PowerShell.Uploads;

/// <summary>The folder with the checkpoints of unfinished uploads.</summary>
internal sealed class SavedUploads
{
    public SavedUploads(string path) => Store = new BitsFileCheckpointStore(path);

    public BitsFileCheckpointStore Store { get; }

    public string Path => Store.Folder;

    /// <summary>The folder for the uploads of this user.</summary>
    /// <exception cref="IOException">The user has no folder for the data of applications.</exception>
    public static string DefaultPath()
    {
        string data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0
            ? System.IO.Path.Combine(data, "BitsClient", "Uploads")
            : throw new IOException("This user has no folder for uploads. Specify one with -StatePath.");
    }
}
