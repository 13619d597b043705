namespace BitsClient;

/// <summary>
/// One upload that can be run, suspended, canceled and inspected. <see cref="IBitsUploadClient"/> creates jobs
/// (<c>CreateJob</c>, <c>CreateOrResumeJobAsync</c>, <c>ResumeJob</c>). All members are thread-safe; each says when it has no effect or
/// throws.
/// </summary>
/// <remarks>
/// <see cref="IAsyncDisposable.DisposeAsync"/> stops a job that is running and waits until the run has ended, which can take as long as a
/// cancel. It releases the source and the reply target, and it keeps the server's session; call <see cref="CancelAsync"/> first if nobody
/// will resume the upload. It can be called more than once. Do not call it from a progress handler, because the run waits for it.
/// </remarks>
public interface IBitsUploadJob : IAsyncDisposable
{
    /// <summary>Identifies the upload in every process that works on it; the key of its checkpoint in a store.</summary>
    Guid Id { get; }

    /// <summary>The destination.</summary>
    Uri Url { get; }

    /// <summary>
    /// The id that the server gave the session; null before there is one. Treat it as a secret: whoever has it can cancel the upload.
    /// </summary>
    string? SessionId { get; }

    /// <summary>The session that is open on the server now; null if none is.</summary>
    BitsUploadCheckpoint? Checkpoint { get; }

    /// <summary>The current status of the job.</summary>
    BitsUploadStatus Status { get; }

    /// <summary>
    /// Uploads the source, from Create-Session to Close-Session. After a failure, call it again to continue where the server is.
    /// </summary>
    /// <param name="progress">
    /// Receives progress reports; see <see cref="BitsUploadProgress"/> for what they guarantee. Default none.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the upload at any time. Before the last fragment is completely sent, the request in flight is abandoned and Cancel-Session
    /// is sent with the server's session id. (A fragment that is expected to end within a second may end first, so that its connection is
    /// not cut. If Create-Session is in flight, its ack is awaited, because only the ack contains that id.)
    /// After that the last ack decides: if the server has every byte, the session is closed and the result is returned. With
    /// <see cref="BitsUploadOptions.OnCancellation"/> set to <see cref="BitsSessionAction.KeepSession"/>, the token stops the upload and
    /// keeps the session instead.
    /// </param>
    /// <returns>The result of the upload.</returns>
    /// <exception cref="InvalidOperationException">The job is already running, or has completed.</exception>
    /// <exception cref="ObjectDisposedException">The job is disposed.</exception>
    /// <exception cref="BitsUploadLockedException">
    /// Another process or job is running this upload; only with a <see cref="BitsUploadOptions.CheckpointStore"/>. Nothing was sent.
    /// </exception>
    /// <exception cref="IOException">The checkpoint store cannot be used. Nothing was sent.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to the checkpoint store is denied. Nothing was sent.</exception>
    /// <exception cref="InvalidDataException">
    /// The saved checkpoint of the upload to resume is damaged, or was written by another version. Nothing was sent.
    /// </exception>
    /// <exception cref="BitsUploadException">The upload failed. Run the job again to continue, or cancel it.</exception>
    /// <exception cref="BitsUploadCanceledException">
    /// The token fired, or <see cref="CancelAsync"/> or <see cref="IAsyncDisposable.DisposeAsync"/> was called; the outcome says what
    /// became of the session.
    /// </exception>
    Task<BitsUploadResult> RunAsync(IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Suspends the upload: nothing more is sent, the session stays on the server, and <see cref="RunAsync"/> stays pending. The request in
    /// flight has one second to finish and is then abandoned, except for a request whose ack matters (Create-Session, Close-Session, and
    /// the last fragment once it is completely sent): its ack is still awaited. A job that is suspended before it runs starts when it is
    /// resumed. No effect if the job has ended or is already suspended.
    /// </summary>
    /// <returns>A task that completes when nothing more is sent.</returns>
    /// <exception cref="ObjectDisposedException">The job is disposed.</exception>
    Task SuspendAsync();

    /// <summary>
    /// Resumes the upload after <see cref="SuspendAsync"/>, with a Ping. If a fragment was abandoned, the upload then finds out how much of
    /// it the server has, as <see cref="BitsUploadOptions.ResendPolicy"/> says. No effect if the job is not suspended, or is disposed.
    /// </summary>
    /// <returns>A completed task; the upload continues in the background.</returns>
    Task ResumeAsync();

    /// <summary>
    /// Cancels the upload, whether it is running, was not run yet, or has failed: sends Cancel-Session if the server holds a session, and
    /// says what became of it. A pending <see cref="RunAsync"/> throws <see cref="BitsUploadCanceledException"/>, or returns its result if
    /// the cancel came too late.
    /// </summary>
    /// <returns>
    /// What became of the session. Concurrent calls share one cancel, and later calls return the same outcome. Only if the outcome is
    /// <see cref="BitsCancelOutcome.Unconfirmed"/> and the session may still be open, another call tries again. The requests of a
    /// call take at most four times <see cref="BitsUploadOptions.CancelTimeout"/>; a checkpoint store that does not respond adds its own
    /// time limits.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The job is disposed.</exception>
    /// <exception cref="BitsUploadLockedException">
    /// The job resumes an upload that another process or job is running. Nothing was sent.
    /// </exception>
    Task<BitsCancelOutcome> CancelAsync();
}
