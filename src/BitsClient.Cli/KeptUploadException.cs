namespace BitsClient.Cli;

/// <summary>An upload ended early, and its session is kept, with its state on disk. The inner exception is why; the message tells the way on.</summary>
internal sealed class KeptUploadException : Exception
{
    private KeptUploadException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>The exception with the way on, where there is one; as it is elsewhere.</summary>
    public static Exception Of(Exception cause, SavedUploads saved, Guid id)
    {
        string? way = cause switch
        {
            BitsSourceChangedException { Checkpoint: not null } => $"Cancel it with {saved.CancelCommand(id)}.",
            BitsUploadCanceledException { Checkpoint: not null, Outcome: BitsCancelOutcome.SessionKept } => $"Resume it with {saved.ResumeCommand(id)}.",
            BitsUploadCanceledException { Checkpoint: not null } => $"Try again with {saved.CancelCommand(id)}.",
            BitsUploadException { Checkpoint: not null } => $"Resume it with {saved.ResumeCommand(id)}, or give it up with {saved.CancelCommand(id)}.",
            _ => null,
        };
        return way is null ? cause : new KeptUploadException(way, cause);
    }
}
