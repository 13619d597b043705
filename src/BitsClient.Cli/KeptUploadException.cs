namespace BitsClient.Cli;

/// <summary>
/// An upload ended early, and its session and checkpoint are kept. The inner exception is the cause; the message contains the command
/// that resumes or cancels the upload.
/// </summary>
internal sealed class KeptUploadException : Exception
{
    private KeptUploadException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Wraps the cause if the upload can be resumed or canceled; returns the cause itself otherwise.</summary>
    public static Exception Of(Exception cause, SavedUploads saved, Guid id)
    {
        string? nextStep = cause switch
        {
            BitsSourceChangedException { Checkpoint: not null } => $"Cancel it with {saved.CancelCommand(id)}.",
            BitsUploadCanceledException { Checkpoint: not null, Outcome: BitsCancelOutcome.SessionKept } =>
                $"Resume it with {saved.ResumeCommand(id)}.",
            BitsUploadCanceledException { Checkpoint: not null } => $"Try again with {saved.CancelCommand(id)}.",
            BitsUploadException { Checkpoint: not null } =>
                $"Resume it with {saved.ResumeCommand(id)}, or cancel it with {saved.CancelCommand(id)}.",
            _ => null,
        };
        return nextStep is null ? cause : new KeptUploadException(nextStep, cause);
    }
}
