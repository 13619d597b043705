using System.Runtime.CompilerServices;
using BitsClient.Diagnostics;

namespace BitsClient.Sessions;

/// <summary>One upload, as its caller sees it. Thread-safe: <see cref="JobGate"/> decides what may begin.</summary>
internal sealed class UploadJob(JobParts parts) : IBitsUploadJob
{
    private readonly JobGate _gate = new();
    private readonly CancellationTokenSource _stop = new();

    /// <inheritdoc />
    public Guid Id => parts.State.Identity.Id;

    /// <inheritdoc />
    public Uri Url => parts.State.Url;

    /// <inheritdoc />
    public string? SessionId => parts.State.Session?.Id;

    /// <inheritdoc />
    public BitsUploadCheckpoint? Checkpoint => parts.Checkpoint;

    /// <inheritdoc />
    public BitsUploadStatus Status => _gate.StatusOf(parts);

    /// <inheritdoc />
    public Task<BitsUploadResult> RunAsync(
        IProgress<BitsUploadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RunOnceAsync(progress, cancellationToken).AsTask();

    /// <summary>The same for a caller that awaits it at once.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BitsUploadResult> RunOnceAsync(
        IProgress<BitsUploadProgress>? progress, CancellationToken cancellationToken)
    {
        _gate.BeginRun(parts.Context.Time.GetTimestamp(), parts.State.Closed);
        UploadTrace trace = UploadTelemetry.StartUpload(parts.State);
        long begun = parts.Context.Time.GetTimestamp();
        Exception? failure = null;
        try
        {
            UploadRun run = new(this, parts, _gate, _stop.Token, cancellationToken);
            return await run.RunToEndAsync(progress).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            _gate.EndLoop();
            UploadTelemetry.EndUpload(trace, parts.State, failure, parts.Context.Time.GetElapsedTime(begun));
            _gate.EndRun();
        }
    }

    /// <inheritdoc />
    public Task SuspendAsync()
    {
        _gate.ThrowIfDisposed();
        return parts.Suspension.SuspendAsync();
    }

    /// <inheritdoc />
    public Task ResumeAsync()
    {
        parts.Suspension.Resume();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<BitsCancelOutcome> CancelAsync()
    {
        CancelResult result = await CancelOnceAsync(byCaller: true).ConfigureAwait(false);
        return result.Outcome;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        (Task runEnded, Task? canceling) = _gate.Close();
        if (!runEnded.IsCompleted)
        {
            await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await runEnded.ConfigureAwait(false);
        }

        if (canceling is not null)
        {
            // If it failed, its caller has the exception.
            await canceling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await parts.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Begins a cancel of the job, or joins the one that has begun.</summary>
    /// <param name="byCaller">Whether a caller asks for it, rather than the run itself.</param>
    public Task<CancelResult> CancelOnceAsync(bool byCaller) =>
        _gate.CancelOnceAsync(() => parts.State.IsAnyOpen, CancelAfterLoopAsync, byCaller);

    private async Task<CancelResult> CancelAfterLoopAsync(Task loopEnded)
    {
        if (parts.State.IsAnyOpen)
        {
            // First, so that a refused cancel has changed nothing. A run that is going on already has the lock.
            await parts.Keeper.TryLockAsync().ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await loopEnded.ConfigureAwait(false);

        // A job that was created to resume an upload, and never ran, may have the checkpoint of a session that was replaced long ago.
        BitsUploadCheckpoint? unrun = _gate.StartedAt is null ? Checkpoint : null;
        CancelResult result = await parts.Cancellation.EndAsync().ConfigureAwait(false);
        bool isOurs = unrun is null || await parts.Keeper.LoadSameAsync(unrun).ConfigureAwait(false) is not null;

        // The store may know more of a session that this job has not run; then, only its end is news.
        if (parts.Keeper.IsLocked && isOurs && (unrun is null || !parts.State.IsAnyOpen))
        {
            await parts.Keeper.SaveOrDeleteAsync(parts.State).ConfigureAwait(false);
        }

        return result;
    }
}
