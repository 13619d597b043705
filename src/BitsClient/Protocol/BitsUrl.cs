namespace BitsClient.Protocol;

/// <summary>What a destination URL has to be.</summary>
internal static class BitsUrl
{
    /// <summary>The Win32 pages (IBackgroundCopyJob::AddFile) allow no more.</summary>
    public const int MaxLength = 2200;

    /// <exception cref="ArgumentException">The URL is relative, not http or https, or too long.</exception>
    public static void ThrowIfUnusable(Uri url, string parameterName)
    {
        ArgumentNullException.ThrowIfNull(url, parameterName);
        if (FaultOf(url) is { } fault)
        {
            throw new ArgumentException(fault, parameterName);
        }
    }

    /// <summary>Why a URL is no destination; null if it is one.</summary>
    public static string? FaultOf(Uri url) =>
        !url.IsAbsoluteUri ? "The URL is relative; give the whole destination, as in http://host/folder/file.zip."
        : url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps ? $"The URL's scheme is '{url.Scheme}'; BITS uploads go over http or https."
        : url.AbsoluteUri.Length > MaxLength ? $"The URL has {url.AbsoluteUri.Length} characters; BITS allows {MaxLength}."
        : null;

    /// <summary>The URL as it may be shown: without user info, query and fragment, where secrets live.</summary>
    public static string Shown(Uri url) => !url.IsAbsoluteUri ? "a relative URL" : url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
