using System.Globalization;

namespace BitsClient.Cli.Output;

/// <summary>A finished upload in one line.</summary>
internal static class UploadSummary
{
    public static string Of(string file, string url, BitsUploadResult result) => OneLine.Of(string.Create(
        CultureInfo.InvariantCulture,
        $"Uploaded '{file}' to {url}: {Count(result.BytesTransferred, "byte")} in {Count(result.Fragments, "fragment")}, {result.Elapsed.TotalSeconds:0.0} s"));

    /// <summary>1 fragment, 2 fragments.</summary>
    public static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
