using BitsClient.Errors;

namespace BitsClient;

/// <summary>
/// The upload was canceled, by the caller's token or by <see cref="IBitsUploadJob.CancelAsync"/>, or stopped by
/// <see cref="IAsyncDisposable.DisposeAsync"/> or by a token with <see cref="BitsSessionAction.KeepSession"/>. <see cref="Outcome"/> says
/// what became of the server's session. <see cref="OperationCanceledException.CancellationToken"/> is the token passed to
/// <see cref="IBitsUploadJob.RunAsync"/> if that token fired, and <see cref="CancellationToken.None"/> otherwise.
/// </summary>
public sealed class BitsUploadCanceledException : OperationCanceledException
{
    /// <summary>Initializes the exception, for tests of code that handles it.</summary>
    /// <param name="outcome">What became of the session.</param>
    /// <param name="checkpoint">The session that may still be open; null if none is.</param>
    /// <param name="innerException">What failed on the way; null for nothing.</param>
    /// <param name="cancellationToken">The caller's token, if it fired.</param>
    public BitsUploadCanceledException(
        BitsCancelOutcome outcome, BitsUploadCheckpoint? checkpoint = null, Exception? innerException = null,
        CancellationToken cancellationToken = default)
        : base(MessageFor(outcome, checkpoint is not null), innerException, cancellationToken)
    {
        Outcome = outcome;
        Checkpoint = checkpoint;
    }

    /// <summary>What became of the server's session.</summary>
    public BitsCancelOutcome Outcome { get; }

    /// <summary>
    /// The session that may still be open on the server, to cancel it with <see cref="IBitsUploadClient.CancelSessionAsync"/>; null if none
    /// is.
    /// </summary>
    public BitsUploadCheckpoint? Checkpoint { get; }

    /// <summary>Returns the message, the causes and the stack trace, without control characters that a server may have sent.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => MessageText.OfLines(base.ToString());

    private static string MessageFor(BitsCancelOutcome outcome, bool isOpen) => (outcome, isOpen) switch
    {
        (BitsCancelOutcome.NotStarted, _) => "The upload was canceled before it had a session on the server.",
        (BitsCancelOutcome.SessionCanceled, _) => "The upload was canceled; the server has deleted its session.",
        (BitsCancelOutcome.ReplyCanceled, _) => "The upload was complete, but its reply was canceled; the server has deleted the session.",
        (BitsCancelOutcome.SessionKept, _) => "The upload was stopped; its session stays on the server.",
        (_, true) => "The upload was canceled, but the server did not confirm it: the session may still be open.",
        (_, false) =>
            "The upload was canceled, but what the server holds is unknown: it may have the whole file, or an empty session "
            + "without a known id.",
    };
}
