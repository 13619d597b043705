using BitsClient.Queue.Diagnostics;
using BitsClient.Queue.Storage;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Worker;

/// <summary>Tells the observers what has become of an upload, and remembers in the row that they were told. Thread-safe.</summary>
internal sealed class ObserverCalls(
    LeaseTable table, IEnumerable<IBitsUploadQueueObserver> registered, BitsUploadQueueOptions options, ILogger logger)
{
    private readonly IBitsUploadQueueObserver[] _observers = [.. registered];

    /// <summary>How long this process may take to tell them; null if there are none.</summary>
    public TimeSpan? Limit => _observers.Length == 0 ? null : options.Lease;

    /// <summary>Tells all of them. If one fails, or the process does, they are told again.</summary>
    public async Task TellAsync(BitsQueuedUpload upload, long fence, CancellationToken cancellationToken)
    {
        try
        {
            foreach (IBitsUploadQueueObserver observer in _observers)
            {
                await TellAsync(observer, upload, cancellationToken).ConfigureAwait(false);
            }

            await table.ObservedAsync(upload.Id, fence, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            QueueLog.ObserverFailed(logger, upload.Id, e);
        }
    }

    /// <summary>
    /// Tells what nobody was told of: by a process that has crashed, or without one that uploads, or because of a failure.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (_observers.Length == 0)
        {
            return;
        }

        foreach (QueueEntry entry in await table.ClaimUnobservedAsync(options.Lease, cancellationToken).ConfigureAwait(false))
        {
            await TellAsync(entry.Upload, entry.Fence, cancellationToken).ConfigureAwait(false);
        }
    }

    // A resumed one has nothing to tell any more.
    private static Task TellAsync(IBitsUploadQueueObserver observer, BitsQueuedUpload upload, CancellationToken cancellationToken) =>
        upload.Status switch
        {
            BitsQueueStatus.Transferred => observer.CompletedAsync(upload, cancellationToken),
            BitsQueueStatus.Error => observer.FailedAsync(upload, cancellationToken),
            BitsQueueStatus.Suspended => observer.SuspendedAsync(upload, cancellationToken),
            _ => Task.CompletedTask,
        };
}
