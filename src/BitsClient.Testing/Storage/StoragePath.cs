using System.Buffers;

namespace BitsClient.Testing.Storage;

/// <summary>The path of a URL as unescaped names that are safe to use below a storage directory.</summary>
internal readonly record struct StoragePath
{
    /// <summary>The prefix of the names of unfinished files, which uploads therefore cannot use.</summary>
    public const string PartialPrefix = ".bits-partial-";

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/\\:*?\"<>|\0");

    private StoragePath(string[] names) => Text = "/" + string.Join('/', names);

    /// <summary>The names, each preceded by a slash.</summary>
    public string Text { get; }

    /// <summary>The names, from the first folder to the file.</summary>
    public string[] Names => Text[1..].Split('/');

    /// <summary>The path below a directory.</summary>
    public string Below(string directory) => Path.Combine([directory, .. Names]);

    /// <summary>Parses the path of a URL, with or without its leading slash.</summary>
    public static bool TryParse(string urlPath, out StoragePath path)
    {
        path = default;
        string[] names = (urlPath.StartsWith('/') ? urlPath[1..] : urlPath).Split('/');
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = Uri.UnescapeDataString(names[i]);
            if (!IsSafe(names[i]))
            {
                return false;
            }
        }

        path = new StoragePath(names);
        return true;
    }

    private static bool IsSafe(string name) =>
        name.Length > 0
        && name is not ("." or "..")
        && !name.AsSpan().ContainsAny(Forbidden)
        && !name.StartsWith(PartialPrefix, StringComparison.OrdinalIgnoreCase);
}
