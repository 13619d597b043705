namespace BitsClient.Cli.Output;

/// <summary>A URL without user info, query and fragment, where secrets live.</summary>
internal static class ShownUrl
{
    public static string Of(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
