using System.CommandLine;
using System.CommandLine.Parsing;

namespace BitsClient.Cli.Commands;

/// <summary>The URL argument: absolute, http or https, and no longer than BITS allows.</summary>
internal static class ServerUrl
{
    private const int MaxLength = 2200;

    public static Argument<Uri> Argument(string description) => new("URL") { Description = description, CustomParser = Parse };

    /// <summary>As above, and it names a file: what ends with a slash is a folder, which a server refuses with no word of the reason.</summary>
    public static Argument<Uri> OfFile(string description) => new("URL") { Description = description, CustomParser = ParseFile };

    private static Uri? ParseFile(ArgumentResult result)
    {
        Uri? url = Parse(result);
        if (url?.AbsolutePath.EndsWith('/') == true)
        {
            result.AddError("The URL ends with '/', and has to name the file, as in http://server/uploads/report.zip");
            return null;
        }

        return url;
    }

    private static Uri? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            result.AddError("The URL has to be the whole destination over http or https, as in http://server/uploads/report.zip");
            return null;
        }

        if (url.AbsoluteUri.Length > MaxLength)
        {
            result.AddError($"The URL has {url.AbsoluteUri.Length} characters; BITS allows {MaxLength}");
            return null;
        }

        return url;
    }
}
