namespace BitsClient.Cli.Output;

/// <summary>A URL without user info, query and fragment, which can contain secrets.</summary>
internal static class ShownUrl
{
    public static string Of(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
