using Microsoft.Extensions.Logging;

namespace BitsClient.DependencyInjection;

/// <summary>The log messages of <see cref="BitsUploadWorker"/>.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(101, LogLevel.Error, "The upload of {Path} failed.")]
    public static partial void UploadFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(102, LogLevel.Warning, "The upload of {Path} failed, and continues in {Delay}.")]
    public static partial void UploadRetried(ILogger logger, string path, TimeSpan delay, Exception exception);

    [LoggerMessage(103, LogLevel.Warning, "The saved upload {Location} is not resumed: {Reason}")]
    public static partial void NotResumed(ILogger logger, string location, string reason);

    [LoggerMessage(104, LogLevel.Error, "The saved uploads could not be read, and are not resumed.")]
    public static partial void StoreUnreadable(ILogger logger, Exception exception);
}
