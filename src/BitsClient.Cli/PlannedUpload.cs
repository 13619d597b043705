using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>One of the uploads of a command.</summary>
/// <param name="Subject">What is uploaded, and where to.</param>
/// <param name="Length">The length of the file in bytes; 0 if it is unknown.</param>
/// <param name="CreateJobAsync">Creates the job.</param>
internal sealed record PlannedUpload(UploadSubject Subject, long Length, Func<Task<IBitsUploadJob>> CreateJobAsync);
