using System.Management.Automation;

namespace BitsClient.PowerShell.Uploads;

/// <summary>The folders of saved uploads that the parameter -StatePath names.</summary>
internal static class StateFolders
{
    /// <summary>The uploads in a folder. A relative path is one of PowerShell's current location.</summary>
    public static SavedUploads SavedUploadsAt(this PSCmdlet cmdlet, string? path) =>
        new(path is null ? SavedUploads.DefaultPath() : cmdlet.GetUnresolvedProviderPathFromPSPath(path));
}
