namespace BitsClient;

/// <summary>
/// The upload was cancelled, by the caller's token or by <see cref="BitsUploadJob.CancelAsync"/>, or stopped by
/// <see cref="BitsUploadJob.DisposeAsync"/> or by a token with <see cref="BitsCancellationAction.KeepSession"/>. <see cref="Outcome"/> tells what
/// became of the server's session. Its <see cref="OperationCanceledException.CancellationToken"/> is the token given to
/// <see cref="BitsUploadJob.RunAsync"/> if that one fired, and none otherwise.
/// </summary>
public sealed class BitsUploadCanceledException : OperationCanceledException
{
    internal BitsUploadCanceledException(
        BitsCancelOutcome outcome, BitsUploadState? state, Exception? innerException, CancellationToken cancellationToken)
        : base(MessageFor(outcome, state is not null), innerException, cancellationToken)
    {
        Outcome = outcome;
        State = state;
    }

    /// <summary>What became of the server's session.</summary>
    public BitsCancelOutcome Outcome { get; }

    /// <summary>
    /// The session that may still be open on the server, to be cancelled with <see cref="IBitsUploadClient.CancelSessionAsync"/>; null when none is.
    /// </summary>
    public BitsUploadState? State { get; }

    private static string MessageFor(BitsCancelOutcome outcome, bool isOpen) => outcome switch
    {
        BitsCancelOutcome.NotStarted => "The upload was cancelled before it had a session on the server.",
        BitsCancelOutcome.SessionCanceled => "The upload was cancelled; the server has dropped its session.",
        BitsCancelOutcome.ReplyCanceled => "The upload was complete, but its reply was cancelled; the server has dropped the session.",
        BitsCancelOutcome.SessionKept => "The upload was stopped; its session stays on the server.",
        _ => isOpen
            ? "The upload was cancelled, but the server did not confirm it: the session may still be there."
            : "The upload was cancelled, but nobody can say what is left of it: the whole file may be on the server, or an empty session without a name.",
    };
}
