using System.IO.Enumeration;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>Which files a command uploads, and where to.</summary>
internal static class UploadPlan
{
    /// <summary>The path that stands for stdin.</summary>
    public const string Stdin = "-";

    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        RecurseSubdirectories = true,
    };

    /// <summary>Plans an upload of each file.</summary>
    /// <param name="paths">Files, patterns with * and ?, and folders.</param>
    /// <param name="url">The URL of the file, or of the folder for all files if it ends with a slash.</param>
    /// <param name="recurse">Whether to upload the files in folders and in their subfolders.</param>
    /// <remarks>A pattern that matches nothing is planned as a file, and fails alone, like a file that does not exist.</remarks>
    /// <exception cref="ToolException">
    /// Several files need a URL that ends with a slash, or two files have the same URL, on servers that ignore case.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">A folder cannot be read.</exception>
    public static IReadOnlyList<PlannedFile> Of(IEnumerable<string> paths, Uri url, bool recurse)
    {
        List<FoundFile> found = [.. paths.SelectMany(path => Expand(path, recurse))];
        bool isFolder = url.AbsolutePath.EndsWith('/');
        if (!isFolder && found.Count > 1)
        {
            throw WrongUsage($"{found.Count} files cannot have the same URL. End it with '/', for example http://server/uploads/.");
        }

        if (isFolder && found.Any(file => file.Path == Stdin))
        {
            throw WrongUsage("What is read from stdin has no name. End the URL with a file name.");
        }

        List<PlannedFile> files = [.. found.Select(file => new PlannedFile(file.Path, isFolder ? UrlIn(url, file) : url))];
        ILookup<string, PlannedFile> byUrl = files.ToLookup(file => file.Url.AbsoluteUri, StringComparer.OrdinalIgnoreCase);
        foreach (PlannedFile[] same in byUrl.Select(group => group.ToArray()).Where(group => group.Length > 1))
        {
            throw WrongUsage($"'{same[0].Path}' and '{same[1].Path}' would both be uploaded to {ShownUrl.Of(same[0].Url)}.");
        }

        return files;
    }

    private static ToolException WrongUsage(string message) => new(message, ExitCode.Usage);

    private static IEnumerable<FoundFile> Expand(string path, bool recurse)
    {
        bool isFolder = Directory.Exists(path);
        bool isPattern = !isFolder && path.IndexOfAny(['*', '?']) >= 0 && !File.Exists(path);
        return isPattern ? Matches(path, recurse)
            : isFolder && recurse ? FilesIn(path)
            : [new FoundFile(path, Path.GetFileName(path))];
    }

    // A shell on Unix has already expanded patterns; those on Windows do not.
    private static IEnumerable<FoundFile> Matches(string pattern, bool recurse)
    {
        string folder = Path.GetDirectoryName(pattern) ?? "";
        string searched = folder.Length > 0 ? folder : ".";
        IEnumerable<string> found = Directory.Exists(searched)
            ? Directory.EnumerateFileSystemEntries(searched, Path.GetFileName(pattern))
            : [];
        IEnumerable<string> named = found.Select(path => Path.Combine(folder, Path.GetFileName(path)));
        string[] paths = [.. named.Where(path => recurse || File.Exists(path))];
        return paths.Length > 0
            ? paths.Order(StringComparer.Ordinal).SelectMany(path => Expand(path, recurse))
            : [new FoundFile(pattern, Path.GetFileName(pattern))];
    }

    // Links to folders are not followed, because they can lead back.
    private static IEnumerable<FoundFile> FilesIn(string folder)
    {
        FileSystemEnumerable<string> files = new(folder, (ref entry) => entry.ToSpecifiedFullPath(), Everything)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        return files.Order(StringComparer.Ordinal).Select(file => new FoundFile(file, Path.GetRelativePath(folder, file)));
    }

    private static Uri UrlIn(Uri folder, FoundFile file)
    {
        IEnumerable<string> names = file.Name.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        return new UriBuilder(folder) { Path = folder.AbsolutePath + string.Join('/', names.Select(Uri.EscapeDataString)) }.Uri;
    }

    // The name is the path in the folder that is uploaded.
    private sealed record FoundFile(string Path, string Name);
}
