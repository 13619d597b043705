using System.Globalization;

namespace BitsClient.Cli.Output;

/// <summary>Formats a completed upload as one line.</summary>
internal static class UploadSummary
{
    public static string Of(string file, string? url, BitsUploadResult result)
    {
        string upload = $"{Count(result.BytesTransferred, "byte")} in {Count(result.Fragments, "fragment")}";
        string reply = result.Reply is { } saved ? $", reply of {Count(saved.Length, "byte")} in '{saved.Path}'" : "";
        string hash = result.Sha256 is { } sha256 ? $", SHA-256 {sha256}" : "";
        string seconds = string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:0.0} s");
        return OneLine.Of($"Uploaded '{file}' to {url}: {upload}{reply}{hash}, {seconds}");
    }

    /// <summary>Formats a number with a noun: 1 fragment, 2 fragments.</summary>
    public static string Count(long number, string noun)
    {
        string plural = number == 1 ? "" : "s";
        return string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{plural}");
    }
}
