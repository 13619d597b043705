namespace BitsClient;

/// <summary>What became of the server's session when an upload was canceled. It never claims more than the server confirmed.</summary>
public enum BitsCancelOutcome
{
    /// <summary>There was no session to cancel: Create-Session was not sent, or the server definitely refused it.</summary>
    NotStarted,

    /// <summary>
    /// The session no longer exists, and left no complete file: the last fragment was never completely sent, and the server acknowledged
    /// Cancel-Session or no longer knows the session.
    /// </summary>
    SessionCanceled,

    /// <summary>
    /// The session and its reply no longer exist: the server had every byte of an upload-reply, and it acknowledged Cancel-Session before
    /// the reply was downloaded. The application behind the server has the file; the cancel does not undo what it did with the file.
    /// </summary>
    ReplyCanceled,

    /// <summary>The cancel came too late: the server had every byte, and the session was closed. The file is on the server.</summary>
    AlreadyCompleted,

    /// <summary>
    /// The outcome is unknown. Either the server did not answer within <see cref="BitsUploadOptions.CancelTimeout"/>; or it gave no clear
    /// answer to Create-Session, so that the session id is unknown; or an earlier session of the upload could no longer be used, and the
    /// server did not end it; or the last fragment was sent before the cancel, so that the file may be complete whatever the server answers
    /// to Cancel-Session.
    /// </summary>
    Unconfirmed,

    /// <summary>
    /// The upload was stopped without a cancel: its job was disposed, or its token fired with <see cref="BitsSessionAction.KeepSession"/>.
    /// The session stays on the server.
    /// </summary>
    SessionKept,
}
