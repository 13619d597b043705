using BitsClient.Queue.Diagnostics;
using BitsClient.Queue.Storage;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Worker;

/// <summary>
/// Tells the observers what has become of uploads, and remembers in the rows that they were told. An observer that takes too long holds up
/// no upload. Thread-safe.
/// </summary>
internal sealed class ObserverCalls(
    LeaseTable table, IEnumerable<IBitsUploadQueueObserver> registered, BitsUploadQueueOptions options, TimeProvider time, ILogger logger)
{
    private readonly IBitsUploadQueueObserver[] _observers = [.. registered];

    /// <summary>How long this process may take to tell them; null if there are none.</summary>
    public TimeSpan? Limit => _observers.Length == 0 ? null : options.Lease;

    /// <summary>
    /// Tells what nobody was told of, until the token fires: by a process that has crashed, or without one that uploads, or because of a
    /// failure.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        while (_observers.Length > 0)
        {
            await Task.Delay(options.Heartbeat, time, cancellationToken).ConfigureAwait(false);
            try
            {
                List<QueueEntry> untold = await table.ClaimUnobservedAsync(options.Lease, cancellationToken).ConfigureAwait(false);
                await Task.WhenAll(untold.Select(entry => TellAsync(entry, cancellationToken))).ConfigureAwait(false);
            }
            catch (BitsQueueException)
            {
                // The heartbeat says so.
            }
        }
    }

    /// <summary>Tells all of them. If one fails or takes too long, or the process ends, they are told again.</summary>
    public async Task TellAsync(QueueEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            foreach (IBitsUploadQueueObserver observer in _observers)
            {
                await TellAsync(observer, entry.Upload, cancellationToken).WaitAsync(options.Lease, time, cancellationToken)
                    .ConfigureAwait(false);
            }

            await table.ObservedAsync(entry.Upload.Id, entry.Fence, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            QueueLog.ObserverFailed(logger, entry.Upload.Id, e);
        }
        catch (Exception)
        {
            // The host stops; they are told again.
        }
    }

    // What was resumed meanwhile has nothing to tell any more.
    private static Task TellAsync(IBitsUploadQueueObserver observer, BitsQueuedUpload upload, CancellationToken cancellationToken) =>
        upload.Status switch
        {
            BitsQueueStatus.Transferred => observer.CompletedAsync(upload, cancellationToken),
            BitsQueueStatus.Error => observer.FailedAsync(upload, cancellationToken),
            BitsQueueStatus.Suspended => observer.SuspendedAsync(upload, cancellationToken),
            _ => Task.CompletedTask,
        };
}
