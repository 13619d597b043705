namespace BitsClient;

/// <summary>
/// The upload was canceled, by the caller's token or by <see cref="IBitsUploadJob.CancelAsync"/>, or stopped by
/// <see cref="IAsyncDisposable.DisposeAsync"/> or by a token with <see cref="BitsSessionAction.KeepSession"/>. <see cref="Outcome"/> tells what
/// became of the server's session. Its <see cref="OperationCanceledException.CancellationToken"/> is the token given to
/// <see cref="IBitsUploadJob.RunAsync"/> if that one fired, and none otherwise.
/// </summary>
public sealed class BitsUploadCanceledException : OperationCanceledException
{
    internal BitsUploadCanceledException(
        BitsCancelOutcome outcome, BitsUploadCheckpoint? checkpoint, Exception? innerException, CancellationToken cancellationToken)
        : base(MessageFor(outcome, checkpoint is not null), innerException, cancellationToken)
    {
        Outcome = outcome;
        Checkpoint = checkpoint;
    }

    /// <summary>What became of the server's session.</summary>
    public BitsCancelOutcome Outcome { get; }

    /// <summary>
    /// The session that may still be open on the server, to be canceled with <see cref="IBitsUploadClient.CancelSessionAsync"/>; null when none is.
    /// </summary>
    public BitsUploadCheckpoint? Checkpoint { get; }

    private static string MessageFor(BitsCancelOutcome outcome, bool isOpen) => outcome switch
    {
        BitsCancelOutcome.NotStarted => "The upload was canceled before it had a session on the server.",
        BitsCancelOutcome.SessionCanceled => "The upload was canceled; the server has dropped its session.",
        BitsCancelOutcome.ReplyCanceled => "The upload was complete, but its reply was canceled; the server has dropped the session.",
        BitsCancelOutcome.SessionKept => "The upload was stopped; its session stays on the server.",
        _ => isOpen
            ? "The upload was canceled, but the server did not confirm it: the session may still be there."
            : "The upload was canceled, but nobody can say what is left of it: the whole file may be on the server, or an empty session without a name.",
    };
}
