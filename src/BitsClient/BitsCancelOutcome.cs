namespace BitsClient;

/// <summary>What became of the server's session when an upload was canceled. Never more is claimed than the server confirmed.</summary>
public enum BitsCancelOutcome
{
    /// <summary>There was no session to cancel: no Create-Session had gone out, or the server clearly refused it.</summary>
    NotStarted,

    /// <summary>
    /// The last fragment was never completely sent, and the server acknowledged Cancel-Session or does not know the session any more: there is no such session, and
    /// no complete file of it.
    /// </summary>
    SessionCanceled,

    /// <summary>
    /// Every byte of an upload-reply had arrived, and the server acknowledged Cancel-Session before its reply was here: there is no such session and
    /// no reply any more. The file was given to the application behind the server; what that made of it, stays.
    /// </summary>
    ReplyCanceled,

    /// <summary>The cancel came too late: every byte had arrived, and the session was closed. The file is on the server.</summary>
    AlreadyCompleted,

    /// <summary>
    /// Nobody can say. The server did not answer within <see cref="BitsUploadOptions.CancelTimeout"/>, or gave no clear answer to Create-Session, so that
    /// nobody knows its session; or an earlier session of the upload was of no more use, and the server did not end it; or the last fragment was sent
    /// before the cancel, so that the file may be complete whatever the server says to Cancel-Session.
    /// </summary>
    Unconfirmed,

    /// <summary>
    /// The upload was stopped without a cancel: its job was disposed of, or its token fired with <see cref="BitsSessionAction.KeepSession"/>. The session
    /// stays on the server.
    /// </summary>
    SessionKept,
}
