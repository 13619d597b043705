namespace BitsClient.PowerShell.Uploads;

/// <summary>How paths of files are compared.</summary>
internal static class FilePaths
{
    /// <summary>Ignores the case on Windows.</summary>
    public static StringComparer Comparer { get; } =
        Path.DirectorySeparatorChar == '\\' ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
}
