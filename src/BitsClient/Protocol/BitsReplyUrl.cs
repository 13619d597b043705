namespace BitsClient.Protocol;

/// <summary>
/// Resolves the URL of a reply (BITS-Reply-URL, MC-BUP 2.2.6): absolute, or relative to the destination, with backslashes if IIS sends it.
/// </summary>
internal static class BitsReplyUrl
{
    /// <summary>
    /// The URL of the reply; null if the value is not a URL, or not an allowed one: http for an https upload, or with user info.
    /// </summary>
    public static Uri? Resolve(Uri target, string value) =>
        !value.Any(char.IsControl)
        && Uri.TryCreate(WithoutUserInfo(target), value, out Uri? url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && target.Scheme == Uri.UriSchemeHttp))
        && url.UserInfo.Length == 0
            ? url
            : null;

    // A relative URL would inherit the destination's user info, which is never sent and must not appear in messages.
    private static Uri WithoutUserInfo(Uri target) =>
        new(target.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped));
}
