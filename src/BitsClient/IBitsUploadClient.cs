namespace BitsClient;

/// <summary>
/// Uploads files to BITS servers. <see cref="BitsUploadClient"/> implements it; the interface exists so that tests and dependency injection
/// can replace the client.
/// </summary>
public interface IBitsUploadClient
{
    /// <summary>
    /// Uploads a file, from Create-Session to Close-Session. With a checkpoint store, continues an upload of the same file to the same URL
    /// that an earlier run left open; see <see cref="BitsUploadOptions.ResumeExisting"/>.
    /// </summary>
    /// <param name="path">The file; see <see cref="BitsUploadSource.FromFile(string, string?)"/> for what it throws.</param>
    /// <param name="url">The destination: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="progress">
    /// Receives progress reports; see <see cref="BitsUploadProgress"/> for what they guarantee. Default none.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the upload at any time, and the server's session with it; or keeps the session, as
    /// <see cref="BitsUploadOptions.OnCancellation"/> says.
    /// </param>
    /// <returns>
    /// The result of the upload. It is also returned if a cancel came after the last byte, because that does not undo the upload.
    /// </returns>
    /// <exception cref="ArgumentException">The path or the URL is not valid, or the file is empty. Nothing was sent.</exception>
    /// <exception cref="IOException">The file cannot be opened, or the checkpoint store cannot be used. Nothing was sent.</exception>
    /// <exception cref="UnauthorizedAccessException">
    /// Access to the file or to the checkpoint store is denied, or the path is a folder. Nothing was sent.
    /// </exception>
    /// <exception cref="BitsUploadException">
    /// The upload failed; <see cref="BitsUploadException.Checkpoint"/> says whether a session is still open.
    /// </exception>
    /// <exception cref="BitsUploadCanceledException">
    /// The token fired in time; the outcome says what became of the session. The session of a saved upload is kept if the token fires
    /// before the upload has continued.
    /// </exception>
    Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Uploads a source, from Create-Session to Close-Session, and disposes it. With a checkpoint store, continues an upload of the same
    /// file to the same URL that an earlier run left open; see <see cref="BitsUploadOptions.ResumeExisting"/>.
    /// </summary>
    /// <param name="source">What to upload.</param>
    /// <param name="url">The destination: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="progress">
    /// Receives progress reports; see <see cref="BitsUploadProgress"/> for what they guarantee. Default none.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the upload at any time, and the server's session with it; or keeps the session, as
    /// <see cref="BitsUploadOptions.OnCancellation"/> says.
    /// </param>
    /// <returns>
    /// The result of the upload. It is also returned if a cancel came after the last byte, because that does not undo the upload.
    /// </returns>
    /// <exception cref="ArgumentException">The URL is not valid. Nothing was sent.</exception>
    /// <exception cref="IOException">The checkpoint store cannot be used. Nothing was sent.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the checkpoint store is denied. Nothing was sent.</exception>
    /// <exception cref="BitsUploadException">
    /// The upload failed; <see cref="BitsUploadException.Checkpoint"/> says whether a session is still open.
    /// </exception>
    /// <exception cref="BitsUploadCanceledException">
    /// The token fired in time; the outcome says what became of the session. The session of a saved upload is kept if the token fires
    /// before the upload has continued.
    /// </exception>
    Task<BitsUploadResult> UploadAsync(
        BitsUploadSource source, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Creates a job, which uploads a source when it is run. Nothing is sent yet.</summary>
    /// <param name="source">What to upload. The job disposes it; if this method throws, it has disposed it.</param>
    /// <param name="url">The destination: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="reply">
    /// Receives the server's reply (upload-reply); disposed in the same way as the source. Default null: a plain upload, which ignores a
    /// reply.
    /// </param>
    /// <param name="options">Headers and other settings of this upload. Default null: the defaults of <see cref="BitsJobOptions"/>.</param>
    /// <returns>The job; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The URL or a header is not valid, or the reply target belongs to another job.
    /// </exception>
    IBitsUploadJob CreateJob(BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null);

    /// <summary>
    /// Creates a job that continues the upload of the same file to the same URL, if an earlier run left one open in the checkpoint store
    /// and <see cref="BitsUploadOptions.ResumeExisting"/> is set; otherwise, creates a new one as <see cref="CreateJob"/> does. If the file
    /// has changed since, the job uploads it anew, after it has canceled the earlier session. Nothing is sent yet.
    /// </summary>
    /// <param name="source">What to upload. The job disposes it; if this method throws, it has disposed it.</param>
    /// <param name="url">The destination: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="reply">
    /// Receives the server's reply (upload-reply); disposed in the same way as the source. Default null: a plain upload, which ignores a
    /// reply. An upload that expects a reply only continues one that does, too.
    /// </param>
    /// <param name="options">Headers and other settings of this upload. Default null: the defaults of <see cref="BitsJobOptions"/>.</param>
    /// <param name="cancellationToken">Ends the search, and the comparison with a saved hash.</param>
    /// <returns>
    /// The job; the caller disposes it. If it continues an upload, it has the <see cref="IBitsUploadJob.Id"/> of that upload, and its
    /// <see cref="IBitsUploadJob.Checkpoint"/> is not null.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The URL or a header is not valid, or <see cref="BitsUploadOptions.HostIdPolicy"/> does not accept the host of the session.
    /// </exception>
    /// <exception cref="IOException">The checkpoint store, or the source, cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the checkpoint store is denied.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadSource source, Uri url, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates a job that continues an upload of the checkpoint store, as it was listed. If the source has changed since, the job uploads
    /// it anew, after it has canceled the earlier session. Nothing is sent yet.
    /// </summary>
    /// <param name="checkpoint">
    /// The upload, from <see cref="IBitsCheckpointStore.ListAsync"/>. If the client's store no longer has it when the job is first run,
    /// because another run has ended the upload, <see cref="IBitsUploadJob.RunAsync"/> throws a <see cref="BitsUploadException"/>.
    /// </param>
    /// <param name="source">
    /// What to upload. The job disposes it; if this method throws, it has disposed it. Default null: the file that the checkpoint has the
    /// path of.
    /// </param>
    /// <param name="reply">
    /// Receives the server's reply; disposed in the same way as the source. Default null: the file that the checkpoint has the path of, if
    /// a reply is expected.
    /// </param>
    /// <param name="options">Headers and other settings of this upload. Default null: the defaults of <see cref="BitsJobOptions"/>.</param>
    /// <param name="cancellationToken">Ends the comparison with a saved hash.</param>
    /// <returns>The job; the caller disposes it. It has the <see cref="IBitsUploadJob.Id"/> of the upload.</returns>
    /// <exception cref="ArgumentException">
    /// The checkpoint or a header is not valid, the reply target does not match it or belongs to another job, the reply is on an origin
    /// that is not allowed, or <see cref="BitsUploadOptions.HostIdPolicy"/> does not accept its host.
    /// </exception>
    /// <exception cref="InvalidOperationException">No source is specified, and the checkpoint has no path of a file.</exception>
    /// <exception cref="IOException">The file cannot be opened, or the source cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the file is denied, or the path is a folder.</exception>
    /// <exception cref="BitsUploadCanceledException">The token fired. The session is kept.</exception>
    Task<IBitsUploadJob> CreateOrResumeJobAsync(
        BitsUploadCheckpoint checkpoint, BitsUploadSource? source = null, BitsReplyTarget? reply = null, BitsJobOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates a job that continues an earlier upload, from this process or another. It sends a Ping first. If bytes may have been sent
    /// after the checkpoint was saved, it then finds out how much the server has, as <see cref="BitsUploadOptions.ResendPolicy"/> says. If
    /// the server has lost the session, the upload starts over. Nothing is sent yet.
    /// </summary>
    /// <param name="checkpoint">
    /// The session, from <see cref="IBitsCheckpointStore"/>, <see cref="BitsUploadException.Checkpoint"/>,
    /// <see cref="BitsUploadCanceledException.Checkpoint"/> or <see cref="IBitsUploadJob.Checkpoint"/>.
    /// </param>
    /// <param name="source">
    /// The same bytes again. The job disposes it; if this method throws, it has disposed it. Its length and, if known, its last write time
    /// must be the same. If the checkpoint has a hash (<see cref="BitsUploadOptions.ComputeSha256"/>), the bytes are compared when the job
    /// is run.
    /// </param>
    /// <param name="reply">
    /// Receives the server's reply if <see cref="BitsUploadCheckpoint.ExpectsReply"/> is set, and must be null otherwise; disposed in the
    /// same way as the source. The reply is downloaded from its start. Default null.
    /// </param>
    /// <param name="options">Headers and other settings of this upload. Default null: the defaults of <see cref="BitsJobOptions"/>.</param>
    /// <returns>The job; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The checkpoint or a header is not valid, the reply target does not match it or belongs to another job, the reply is on an origin
    /// that is not allowed, or <see cref="BitsUploadOptions.HostIdPolicy"/> does not accept its host.
    /// </exception>
    /// <exception cref="BitsSourceChangedException">The source is not the same. The session is still open on the server.</exception>
    IBitsUploadJob ResumeJob(
        BitsUploadCheckpoint checkpoint, BitsUploadSource source, BitsReplyTarget? reply = null, BitsJobOptions? options = null);

    /// <summary>
    /// Resumes every upload in the checkpoint store, one after the other. If a file has changed since, it is uploaded anew, after its
    /// earlier session was canceled. An upload that fails does not prevent the others from being resumed.
    /// </summary>
    /// <param name="progress">Receives the progress reports of all uploads. Default none.</param>
    /// <param name="cancellationToken">
    /// Stops or cancels the upload that is running, as <see cref="BitsUploadOptions.OnCancellation"/> says; the remaining ones stay in the
    /// store.
    /// </param>
    /// <returns>
    /// What became of each entry of the store. An upload that has no path of a file, or whose reply goes to a stream, has an
    /// <see cref="BitsResumedUpload.Error"/>: resume it with <see cref="ResumeJob"/>. So does one that another process is running.
    /// </returns>
    /// <exception cref="InvalidOperationException">The client has no <see cref="BitsUploadOptions.CheckpointStore"/>.</exception>
    /// <exception cref="IOException">The checkpoint store cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the checkpoint store is denied.</exception>
    /// <exception cref="OperationCanceledException">
    /// The token fired. It is a <see cref="BitsUploadCanceledException"/> if an upload was running.
    /// </exception>
    Task<IReadOnlyList<BitsResumedUpload>> ResumeAllAsync(
        IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels a session that an earlier upload left open. It does not need the source.</summary>
    /// <param name="checkpoint">
    /// The session, from <see cref="IBitsCheckpointStore"/>, <see cref="BitsUploadException.Checkpoint"/> or
    /// <see cref="BitsUploadCanceledException.Checkpoint"/>.
    /// </param>
    /// <param name="options">The headers that the upload needs. Default null: the defaults of <see cref="BitsJobOptions"/>.</param>
    /// <returns>
    /// <see cref="BitsCancelOutcome.SessionCanceled"/>, also if the server no longer knows the session;
    /// <see cref="BitsCancelOutcome.ReplyCanceled"/> if the server has every byte and only the reply could be canceled;
    /// <see cref="BitsCancelOutcome.AlreadyCompleted"/> if the server has every byte and the session was closed;
    /// <see cref="BitsCancelOutcome.Unconfirmed"/> if the outcome is unknown. If nothing is left to cancel, the checkpoint is deleted from
    /// <see cref="BitsUploadOptions.CheckpointStore"/>. The requests take at most three times
    /// <see cref="BitsUploadOptions.CancelTimeout"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The checkpoint or a header is not valid.</exception>
    /// <exception cref="BitsUploadLockedException">
    /// Another process or job is running the upload; only with a <see cref="BitsUploadOptions.CheckpointStore"/>. Nothing was sent.
    /// </exception>
    Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint, BitsJobOptions? options = null);

    /// <summary>
    /// Deletes the checkpoint of an earlier upload from <see cref="BitsUploadOptions.CheckpointStore"/> without asking the server, which
    /// may no longer exist. It sends nothing, so a session that is still open stays on the server until it expires. If the server can be
    /// reached, use <see cref="CancelSessionAsync"/> instead.
    /// </summary>
    /// <param name="checkpoint">The checkpoint of the upload, from <see cref="IBitsCheckpointStore"/>.</param>
    /// <param name="cancellationToken">Cancels the operation until the deletion begins; after that, it is too late.</param>
    /// <returns>
    /// The sessions that may be left on a server, each with the URL of its server: the session of the checkpoint, if it has one, then its
    /// <see cref="BitsUploadCheckpoint.OtherSessions"/>. If the store has a later checkpoint of the upload, these are its sessions.
    /// </returns>
    /// <exception cref="ArgumentException">The checkpoint is not valid.</exception>
    /// <exception cref="InvalidOperationException">The client has no <see cref="BitsUploadOptions.CheckpointStore"/>.</exception>
    /// <exception cref="BitsUploadLockedException">Another process or job is running the upload. Nothing was deleted.</exception>
    /// <exception cref="IOException">The checkpoint store cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the checkpoint store is denied.</exception>
    /// <exception cref="InvalidDataException">The store's checkpoint is damaged. It is left unchanged.</exception>
    /// <exception cref="OperationCanceledException">The token fired in time.</exception>
    Task<IReadOnlyList<BitsOtherSession>> ForgetAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default);

    /// <summary>Sends a Ping, to find out whether a BITS server answers at the URL. It opens no session.</summary>
    /// <param name="url">The destination of an upload: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>A task that completes when a BITS server has answered.</returns>
    /// <exception cref="ArgumentException">The URL is not valid.</exception>
    /// <exception cref="BitsUploadException">There was no answer, or it was an error or did not come from a BITS server.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task PingAsync(Uri url, CancellationToken cancellationToken = default);
}
