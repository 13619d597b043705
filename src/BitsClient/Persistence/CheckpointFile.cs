using System.Globalization;

namespace BitsClient.Persistence;

/// <summary>Reads a file of a checkpoint store, whatever it is.</summary>
internal static class CheckpointFile
{
    // A checkpoint has one or two KiB, unless its URLs are very long or it has many other sessions.
    private const int MaxLength = 1024 * 1024;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no checkpoint, or that of another upload.</exception>
    public static async Task<BitsUploadCheckpoint> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (OddityOf(path) is { } oddity)
        {
            throw new InvalidDataException(
                $"'{path}' is not a checkpoint, or is damaged: {oddity}. It was left unchanged; move or delete it.");
        }

        FileStream file = PrivateFile.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            byte[] bytes = new byte[Math.Min(file.Length, MaxLength)];
            await file.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            return Named(path, CheckpointJson.Read(bytes, $"'{path}'"));
        }
    }

    // Found out without opening it: to open a FIFO blocks until somebody writes to it. Everything that is not a regular file is empty.
    private static string? OddityOf(string path)
    {
        FileInfo info = new(path);
        return info switch
        {
            { LinkTarget: not null } => "it is a link",
            { Exists: false } => Directory.Exists(path) ? "it is a folder" : null,
            { Length: 0 } => "it is empty, or not a regular file",
            { Length: > MaxLength } => string.Create(
                CultureInfo.InvariantCulture, $"it has {info.Length} bytes, and a checkpoint has {MaxLength} at most"),
            _ => null,
        };
    }

    // Otherwise, a copy of a checkpoint would be canceled again and again, because only the original is deleted then.
    private static BitsUploadCheckpoint Named(string path, BitsUploadCheckpoint checkpoint)
    {
        string name = $"{checkpoint.Id:D}.json";
        return Path.GetFileName(path) == name
            ? checkpoint
            : throw new InvalidDataException(
                $"'{path}' contains the checkpoint of the upload {checkpoint.Id}, so its name should be {name}. "
                + "It was left unchanged. Delete it if it is a copy, or else rename it.");
    }
}
