namespace BitsClient.Protocol;

/// <summary>The rules for the URL of a destination.</summary>
internal static class BitsUrl
{
    /// <summary>The limit of the Win32 documentation (IBackgroundCopyJob::AddFile).</summary>
    public const int MaxLength = 2200;

    /// <exception cref="ArgumentException">The URL is relative, not http or https, or too long.</exception>
    public static void ThrowIfUnusable(Uri url, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(url, parameterName);
        if (FindError(url) is { } error)
        {
            throw new ArgumentException(error, parameterName);
        }
    }

    /// <summary>Why a URL is not a valid destination; null if it is valid.</summary>
    public static string? FindError(Uri url)
    {
        if (!url.IsAbsoluteUri)
        {
            return "The URL is relative; specify the whole destination, such as http://host/folder/file.zip.";
        }

        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        {
            return $"The URL's scheme is '{url.Scheme}'; BITS uploads use http or https.";
        }

        if (!IsPlain(url.OriginalString)
            && Uri.TryCreate(url.OriginalString, UriKind.Absolute, out Uri? canonical) && canonical.AbsoluteUri != url.AbsoluteUri)
        {
            return "The URL was created with DangerousDisablePathAndQueryCanonicalization; create it without.";
        }

        return url.AbsoluteUri.Length > MaxLength
            ? $"The URL has {url.AbsoluteUri.Length} characters; BITS allows at most {MaxLength}."
            : null;
    }

    /// <summary>The URL as messages show it: without user info, query and fragment, which may contain secrets.</summary>
    public static string Shown(Uri url) => url.IsAbsoluteUri
        ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : "a relative URL";

    // Nothing in it can be canonicalized: no character that is or has to be escaped, and no dot segment.
    private static bool IsPlain(string url)
    {
        foreach (char c in url)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '-' and <= ':') or '_' or '~' or '?' or '&' or '='))
            {
                return false;
            }
        }

        return !url.Contains("/.", StringComparison.Ordinal);
    }
}
