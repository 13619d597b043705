namespace BitsClient;

/// <summary>Uploads files to BITS servers. <see cref="BitsUploadClient"/> is the one that does; this stands for it where it is substituted.</summary>
public interface IBitsUploadClient
{
    /// <summary>Uploads a file, from Create-Session to Close-Session.</summary>
    /// <param name="path">The file; see <see cref="BitsUploadSource.FromFile"/> for what it throws.</param>
    /// <param name="url">Where the file goes: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="progress">Is told how far the upload is; see <see cref="BitsUploadProgress"/> for what it can rely on.</param>
    /// <param name="cancellationToken">Cancels the upload at any moment, and the server's session with it.</param>
    /// <returns>What was uploaded. A cancel that came after the last byte does not undo the upload: then it returns as well.</returns>
    /// <exception cref="ArgumentException">The path or the URL is no good, or the file is empty. Nothing was sent.</exception>
    /// <exception cref="IOException">The file cannot be opened. Nothing was sent.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder. Nothing was sent.</exception>
    /// <exception cref="BitsUploadException">The upload failed; its <see cref="BitsUploadException.Checkpoint"/> tells whether a session is left open.</exception>
    /// <exception cref="BitsUploadCanceledException">The token fired in time; its outcome tells what became of the session.</exception>
    Task<BitsUploadResult> UploadFileAsync(
        string path, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Uploads a source, from Create-Session to Close-Session, and disposes it.</summary>
    /// <param name="source">What to upload.</param>
    /// <param name="url">Where it is uploaded to: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="progress">Receives progress reports; see <see cref="BitsUploadProgress"/> for what they guarantee. Default none.</param>
    /// <param name="cancellationToken">Cancels the upload at any time, and the server's session with it.</param>
    /// <returns>The result of the upload. It is also returned if a cancel came after the last byte, because that does not undo the upload.</returns>
    /// <exception cref="ArgumentException">The URL is not valid. Nothing was sent.</exception>
    /// <exception cref="BitsUploadException">
    /// The upload failed; <see cref="BitsUploadException.Checkpoint"/> says whether a session is still open.
    /// </exception>
    /// <exception cref="BitsUploadCanceledException">The token fired in time; the outcome says what became of the session.</exception>
    Task<BitsUploadResult> UploadAsync(
        BitsUploadSource source, Uri url, IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Makes a job, which uploads a source when it is run. Nothing is sent yet.</summary>
    /// <param name="source">What to upload; the job disposes of it, and this method where it throws.</param>
    /// <param name="url">Where it goes: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="reply">
    /// Where the server's reply goes, if it is to give one (upload-reply); disposed of as the source is. A plain upload if null, and a reply is not looked at then.
    /// </param>
    /// <returns>The job; whoever makes it disposes of it.</returns>
    /// <exception cref="ArgumentException">The URL is no good.</exception>
    IBitsUploadJob CreateJob(BitsUploadSource source, Uri url, BitsReplyTarget? reply = null);

    /// <summary>
    /// Makes a job that goes on where an earlier one has stopped, in this process or another: a Ping first, then a fragment of the smallest size,
    /// whose ack tells where the server is. If the server has lost the session, the upload starts over. Nothing is sent yet.
    /// </summary>
    /// <param name="checkpoint">
    /// The session, from <see cref="IBitsCheckpointStore"/>, <see cref="BitsUploadException.Checkpoint"/>,
    /// <see cref="BitsUploadCanceledException.Checkpoint"/> or <see cref="IBitsUploadJob.Checkpoint"/>.
    /// </param>
    /// <param name="source">
    /// The same bytes again; the job disposes of it, and this method where it throws. Its length and, where it is known, its time of last writing
    /// have to be the same; the bytes are compared, when the job is run, if the state has their hash (<see cref="BitsUploadOptions.ComputeSha256"/>).
    /// </param>
    /// <param name="reply">
    /// Where the server's reply goes, if <see cref="BitsUploadCheckpoint.ExpectsReply"/>; disposed of as the source is. It is downloaded from its start.
    /// </param>
    /// <returns>The job; whoever makes it disposes of it.</returns>
    /// <exception cref="ArgumentException">The state makes no sense, the reply target does not fit it, or <see cref="BitsUploadOptions.HostIdPolicy"/> does not accept its host.</exception>
    /// <exception cref="BitsSourceChangedException">The source is not the same. The session is still open on the server.</exception>
    IBitsUploadJob ResumeJob(BitsUploadCheckpoint checkpoint, BitsUploadSource source, BitsReplyTarget? reply = null);

    /// <summary>Cancels a session that an earlier upload left open. It needs no file.</summary>
    /// <param name="checkpoint">The session, from <see cref="BitsUploadException.Checkpoint"/> or <see cref="BitsUploadCanceledException.Checkpoint"/>.</param>
    /// <returns>
    /// <see cref="BitsCancelOutcome.SessionCanceled"/>, also if the server does not know the session any more;
    /// <see cref="BitsCancelOutcome.ReplyCanceled"/> if every byte was there and only the reply was left to cancel;
    /// <see cref="BitsCancelOutcome.AlreadyCompleted"/> if every byte was there and the session could be closed;
    /// <see cref="BitsCancelOutcome.Unconfirmed"/> if nobody can say. Where nothing is left to cancel, the state is deleted from
    /// <see cref="BitsUploadOptions.CheckpointStore"/>. It takes at most twice <see cref="BitsUploadOptions.CancelTimeout"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The state's URL is no good, or its numbers make no sense.</exception>
    /// <exception cref="BitsUploadLockedException">Somebody runs the upload just now; only where there is a <see cref="BitsUploadOptions.CheckpointStore"/>.</exception>
    Task<BitsCancelOutcome> CancelSessionAsync(BitsUploadCheckpoint checkpoint);

    /// <summary>Sends a Ping: asks whether a BITS server answers at the URL. It opens no session.</summary>
    /// <param name="url">An upload destination: absolute, http or https, at most 2,200 characters.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>A task that completes when the server has answered as a BITS server does.</returns>
    /// <exception cref="ArgumentException">The URL is no good.</exception>
    /// <exception cref="BitsUploadException">There was no answer, or not that of a BITS server.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    Task PingAsync(Uri url, CancellationToken cancellationToken = default);
}
