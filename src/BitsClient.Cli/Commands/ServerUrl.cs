using System.CommandLine;
using System.CommandLine.Parsing;

namespace BitsClient.Cli.Commands;

/// <summary>
/// The URL argument: an absolute http or https URL that is not longer than BITS allows. Its value has no user info; see
/// <see cref="UrlUser"/>.
/// </summary>
internal static class ServerUrl
{
    private const int MaxLength = 2200;

    public static Argument<Uri> Argument(string description) => new("URL") { Description = description, CustomParser = Parse };

    private static Uri? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            result.AddError("The URL must be an absolute http or https URL, for example http://server/uploads/report.zip");
            return null;
        }

        if (url.AbsoluteUri.Length > MaxLength)
        {
            result.AddError($"The URL has {url.AbsoluteUri.Length} characters; BITS allows at most {MaxLength}");
            return null;
        }

        return UrlUser.Without(url);
    }
}
