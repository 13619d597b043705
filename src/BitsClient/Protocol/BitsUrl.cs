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
        if (!url.IsAbsoluteUri)
        {
            throw new ArgumentException("The URL is relative; give the whole destination, as in http://host/folder/file.zip.", parameterName);
        }

        if (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException($"The URL's scheme is '{url.Scheme}'; BITS uploads go over http or https.", parameterName);
        }

        if (url.AbsoluteUri.Length > MaxLength)
        {
            throw new ArgumentException($"The URL has {url.AbsoluteUri.Length} characters; BITS allows {MaxLength}.", parameterName);
        }
    }

    /// <summary>The URL as it may be shown: without user info, query and fragment, where secrets live.</summary>
    public static string Shown(Uri url) => !url.IsAbsoluteUri ? "a relative URL" : url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
