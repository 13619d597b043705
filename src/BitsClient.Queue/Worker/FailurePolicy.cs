using BitsClient.Queue.Storage;

namespace BitsClient.Queue.Worker;

/// <summary>Decides what follows a failure: another run later, or the end.</summary>
internal sealed class FailurePolicy(BitsUploadQueueOptions options)
{
    /// <summary>Whether the same may succeed later, or on another machine.</summary>
    public static bool MayPass(Exception failure) => failure switch
    {
        BitsSourceChangedException or FileNotFoundException => false,
        BitsUploadException upload => upload.IsTransient || upload.Reason is BitsFailureReason.Hook or BitsFailureReason.Source,

        // A share that is not mounted here, a file that somebody is writing, a checkpoint of a newer version.
        IOException or UnauthorizedAccessException or InvalidDataException or NotOnThisMachineException => true,
        _ => false,
    };

    /// <summary>Whether the file is not what was uploaded so far, so that its session is useless.</summary>
    public static bool IsSourceGone(Exception failure) => failure is BitsSourceChangedException or FileNotFoundException;

    /// <param name="failure">What ended the run.</param>
    /// <param name="entry">The upload, as it was claimed.</param>
    /// <param name="stopped">How far the run has got.</param>
    public Ending Of(Exception failure, QueueEntry entry, Ending stopped)
    {
        long failures = stopped.HasProgressed ? 1 : entry.Failures + 1;

        // When the run began, by the clock of the database.
        DateTimeOffset? begunAt = entry.LeaseUntil - options.Lease;
        bool isOver = !stopped.HasProgressed && begunAt - entry.FailingSince >= options.GiveUpAfter;
        string error = $"{failure.Message} (on {Environment.MachineName})";
        return stopped with
        {
            Status = MayPass(failure) && !isOver ? StatusText.Queued : StatusText.Error,
            Delay = DelayAfter(failures),
            Error = isOver ? $"Given up after {options.GiveUpAfter:c} without progress. {error}" : error,
            Failures = failures,
        };
    }

    private TimeSpan DelayAfter(long failures)
    {
        double factor = Math.Pow(2, Math.Min(failures - 1, 30));
        return factor * options.RetryDelay < options.MaxRetryDelay ? factor * options.RetryDelay : options.MaxRetryDelay;
    }
}
