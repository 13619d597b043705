namespace BitsClient.Protocol;

/// <summary>Where a reply is (BITS-Reply-URL, MC-BUP 2.2.6): absolute, or relative to the destination, with backslashes as IIS writes it.</summary>
internal static class BitsReplyUrl
{
    /// <summary>The reply's URL; null if the value is none, or one that would lead from https to http.</summary>
    public static Uri? Resolve(Uri target, string value) =>
        !value.Any(char.IsControl)
        && Uri.TryCreate(WithoutUserInfo(target), value, out Uri? url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && target.Scheme == Uri.UriSchemeHttp))
        && url.UserInfo.Length == 0
            ? url
            : null;

    // A relative value would take the destination's user info along, which goes over no wire and belongs in no message.
    private static Uri WithoutUserInfo(Uri target) =>
        new(target.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped));
}
