namespace BitsClient.Cli;

/// <summary>How an upload ended.</summary>
/// <param name="Output">The line for stdout; null for none.</param>
/// <param name="Bytes">The length of the file in bytes; 0 if the upload was not completed.</param>
/// <param name="Failure">Why the upload was not completed; null if it was.</param>
internal sealed record UploadEnd(string? Output, long Bytes, Exception? Failure);
