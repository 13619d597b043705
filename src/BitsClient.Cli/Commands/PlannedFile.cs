namespace BitsClient.Cli.Commands;

/// <summary>A file to upload.</summary>
/// <param name="Path">The path, as the user specified it; <see cref="UploadPlan.Stdin"/> for stdin.</param>
/// <param name="Url">The URL of the file on the server.</param>
internal sealed record PlannedFile(string Path, Uri Url);
