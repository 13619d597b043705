using BitsClient.Queue.Storage;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Worker;

/// <summary>
/// Renews the leases of this process with one statement, which also brings what is to be canceled or suspended. While the database is away,
/// the uploads go on until their leases end.
/// </summary>
internal sealed class Heartbeat(
    LeaseTable table, RunningUploads running, QueueSignals signals, BitsUploadQueueOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Beats until the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Outage outage = new(logger);
        while (true)
        {
            TimeSpan pause = outage.IsOn && RetryAfter < options.Heartbeat ? RetryAfter : options.Heartbeat;
            await signals.Wanted.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
            try
            {
                await BeatAsync(cancellationToken).ConfigureAwait(false);
                outage.End();
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                outage.Begin(e);
            }
        }
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        // What is claimed meanwhile is not in the answer.
        IReadOnlyList<UploadRun> runs = running.Runs;
        if (runs.Count == 0)
        {
            return;
        }

        long askedAt = time.GetTimestamp();
        List<QueueEntry> renewed =
            await table.RenewAsync([.. runs.Select(run => run.Id)], options.Lease, cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, QueueEntry> byId = renewed.ToDictionary(entry => entry.Upload.Id);
        foreach (UploadRun run in runs)
        {
            Apply(run, byId.GetValueOrDefault(run.Id), askedAt);
        }
    }

    private static void Apply(UploadRun run, QueueEntry? entry, long askedAt)
    {
        if (entry?.Fence != run.Fence)
        {
            run.Lease.Lose();
            return;
        }

        run.Lease.Renew(askedAt);
        if (entry.Wanted is { } wanted)
        {
            run.Stop(wanted == Wanted.Cancel ? StopReason.Cancel : StopReason.Suspend);
        }
    }
}
