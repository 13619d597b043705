using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>An upload that an earlier run left in a checkpoint, and the job that continues it.</summary>
internal sealed class SavedUpload(BitsUploadCheckpoint checkpoint, ClientContext context)
{
    private static readonly StringComparison PathComparison =
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>The newest upload of a file to a URL in the checkpoint store; null if there is none, or the source is no file.</summary>
    public static async Task<SavedUpload?> FindAsync(
        IBitsCheckpointStore store, ClientContext context, BitsUploadSource source, Uri url, bool expectsReply,
        CancellationToken cancellationToken)
    {
        if (source.Fingerprint.Path is not { } path)
        {
            return null;
        }

        IReadOnlyList<BitsStoredCheckpoint> stored = await ListAsync(store, context.Time, cancellationToken).ConfigureAwait(false);
        BitsUploadCheckpoint? newest = stored
            .Select(entry => entry.Checkpoint)
            .Where(open => open?.ExpectsReply == expectsReply && open.Url == url && path.Equals(open.Source?.Path, PathComparison))
            .MaxBy(open => open!.UpdatedAt);
        return newest is null ? null : new SavedUpload(newest, context);
    }

    /// <summary>Lists the checkpoints of a store.</summary>
    /// <exception cref="IOException">The store cannot be read, or does not respond.</exception>
    public static Task<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(
        IBitsCheckpointStore store, TimeProvider time, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(
            () => store.ListAsync(cancellationToken).AsTask(), "list its uploads", StoreCall.MaxWaitBeforeUploading, time,
            cancellationToken);

    /// <summary>Opens the file of the upload.</summary>
    /// <exception cref="InvalidOperationException">The checkpoint does not have its path.</exception>
    public BitsUploadSource OpenFile() => checkpoint.Source is { Path: { } path } source
        ? BitsUploadSource.FromFile(
            path, new BitsFileSourceOptions { Name = source.Name, GrowthAllowed = source.LastWriteTime is null })
        : throw new InvalidOperationException(
            $"The checkpoint of the upload {checkpoint.Id} does not contain the path of a file; specify its source.");

    /// <summary>The file that the reply of the upload goes to; null if none is expected, or it went to a stream.</summary>
    public BitsReplyTarget? OpenReply() =>
        checkpoint is { ExpectsReply: true, ReplyPath: { } path } ? BitsReplyTarget.ToFile(path) : null;

    /// <summary>The state that a job begins with which resumes the upload.</summary>
    /// <exception cref="ArgumentException">The checkpoint is not valid, or the reply or the host does not match it.</exception>
    /// <exception cref="BitsSourceChangedException">The source is not the same.</exception>
    public UploadState StateFor(BitsUploadSource source, BitsReplyTarget? reply, BitsJobOptions options)
    {
        UploadState state = CheckedState(reply);
        return DifferenceOf(source) is { } difference
            ? throw Failure.OfOtherSource(checkpoint, difference)
            : ForJob(state, source, options);
    }

    /// <summary>
    /// Creates a job that continues the upload. If its source has changed, the job uploads it anew, after it has canceled the session. If
    /// this throws, the source and the reply target are disposed.
    /// </summary>
    public async Task<UploadJob> ContinueAsync(
        BitsUploadSource source, BitsReplyTarget? reply, BitsJobOptions options, CancellationToken cancellationToken)
    {
        SourceHash? hash = checkpoint.Source?.PrefixSha256 is null
            ? null
            : new SourceHash(source, checkpoint.Source, context.Timeouts.Stall, context.Time);
        try
        {
            options.ThrowIfUnusable(nameof(options));
            UploadState state = await CheckedStateAsync(reply, cancellationToken).ConfigureAwait(false);
            string? change = DifferenceOf(source) ?? await ChangeOfAsync(hash, cancellationToken).ConfigureAwait(false);
            UploadEvents.Continued(context.Logger, checkpoint, change);
            if (change is null)
            {
                return new UploadJob(
                    new JobParts(context, ForJob(state, source, options), source, reply, options, hash) { MustBeStored = true });
            }

            hash?.Dispose();
            source.ResumeAs(known: null);
            UploadState anew = ForJob(CheckpointMapping.ToNewUpload(state, source.Fingerprint), source, options);
            return new UploadJob(new JobParts(context, anew, source, reply, options) { MustBeStored = true });
        }
        catch (Exception e)
        {
            hash?.Dispose();
            source.Dispose();
            reply?.Dispose();
            if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw new BitsUploadCanceledException(BitsCancelOutcome.SessionKept, checkpoint, e, cancellationToken);
            }

            throw;
        }
    }

    /// <summary>Deletes the checkpoint from the store. Returns what the store had, which may be newer; null if it had none.</summary>
    public async Task<BitsUploadCheckpoint?> ForgetAsync(IBitsCheckpointStore store, CancellationToken cancellationToken)
    {
        CheckpointKeeper keeper = context.KeeperOf(checkpoint.Id, hash: null, BitsJobOptions.Default);
        await using (keeper.ConfigureAwait(false))
        {
            // Another process may have continued the upload since the checkpoint was read.
            await keeper.LockAsync().ConfigureAwait(false);
            BitsUploadCheckpoint? stored = await StoreCall.RunAsync(
                () => store.LoadAsync(checkpoint.Id, cancellationToken).AsTask(), $"load the upload {checkpoint.Id}",
                StoreCall.MaxWaitBeforeUploading, context.Time, cancellationToken).ConfigureAwait(false);

            // From here on, the token is too late: the caller has to learn which sessions may be left.
            cancellationToken.ThrowIfCancellationRequested();
            await StoreCall.RunAsync(
                () => store.DeleteAsync(checkpoint.Id, CancellationToken.None).AsTask(),
                $"delete the upload {checkpoint.Id}, which it may still do,", context.Time).ConfigureAwait(false);
            return stored;
        }
    }

    // What the checkpoint does not have.
    private UploadState ForJob(UploadState saved, BitsUploadSource source, BitsJobOptions options) => saved with
    {
        ContentName = BitsContentName.Of(source.Name),
        Identity = saved.Identity with { Description = options.Description ?? saved.Identity.Description },
        Sizing = saved.Sizing with { Size = Math.Min(context.Options.FirstFragmentSize, saved.Sizing.Limit ?? int.MaxValue) },
    };

    // Reads the bytes that the saved hash covers.
    private static async Task<string?> ChangeOfAsync(SourceHash? hash, CancellationToken cancellationToken)
    {
        try
        {
            await (hash?.CompareAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
            return null;
        }
        catch (BitsSourceChangedException)
        {
            return "bytes that were already sent have changed.";
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The source cannot be read: {e.Message}", e);
        }
    }

    // Why the source is not the same, as the end of a sentence; null if it is, as far as can be said without reading it.
    private string? DifferenceOf(BitsUploadSource source)
    {
        BitsSourceFingerprint known = checkpoint.Source ?? new BitsSourceFingerprint { Length = checkpoint.BytesTotal };
        source.ResumeAs(known);
        return known.DifferenceOf(source.Fingerprint, CheckpointMapping.SentAtMost(checkpoint), source.MayGrow);
    }

    // The caller's policy may block.
    private async Task<UploadState> CheckedStateAsync(BitsReplyTarget? reply, CancellationToken cancellationToken)
    {
        Task<UploadState> checking = ForeignCode.RunAsync(() => Task.FromResult(CheckedState(reply)), cancellationToken);
        try
        {
            return await checking.WaitAsync(context.Timeouts.Response, context.Time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            _ = ForeignCode.ObserveAsync(checking);
            throw NotInTime(checkpoint, e);
        }
    }

    private UploadState CheckedState(BitsReplyTarget? reply)
    {
        UploadState saved = CheckpointMapping.ToState(checkpoint, context.MachineOptions);
        if (checkpoint.ExpectsReply != reply is not null)
        {
            throw new ArgumentException(
                reply is null ? "The upload expects a reply; specify a reply target." : "The upload expects no reply.", nameof(reply));
        }

        UploadState resumed = saved.Session is { } session
            ? saved with { Session = session with { Resumed = true, ReplyReceived = false } }
            : saved;
        return OnAcceptedHost(resumed, checkpoint, context.Options.HostIdPolicy);
    }

    private static ArgumentException NotInTime(BitsUploadCheckpoint checkpoint, Exception e) => new(
        $"The {nameof(BitsUploadOptions.HostIdPolicy)} did not say in time whether it accepts the host of the session.",
        nameof(checkpoint), e);

    // The host policy may differ from the one that the upload began with, and the checkpoint may have been changed.
    private static UploadState OnAcceptedHost(UploadState resumed, BitsUploadCheckpoint checkpoint, BitsHostIdPolicy policy)
    {
        if (resumed.Session?.ReplyUrl is { } url && ReplyRules.ObjectionTo(resumed, url) is { } refusal)
        {
            throw new ArgumentException(
                $"The checkpoint's reply URL '{BitsUrl.Shown(url)}' is not accepted: {refusal}", nameof(checkpoint));
        }

        if (resumed.Session?.Host is not { } host)
        {
            return resumed;
        }

        if (policy.Objection(BitsHostId.Canonical(host.Target, host.Id)) is { } objection)
        {
            throw new ArgumentException($"The session is on the host '{host.Id}': {objection}", nameof(checkpoint));
        }

        // That host is not asked, so its session cannot be ended.
        UploadState unreached = resumed with { Session = resumed.Session with { HostWasReached = false } };
        return policy == BitsHostIdPolicy.Ignore
            ? HostRouting.MovedTo(unreached, host: null).WithLeftBehind(host.Target)
            : resumed;
    }
}
