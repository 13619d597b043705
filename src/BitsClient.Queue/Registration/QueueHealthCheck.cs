using BitsClient.Queue.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BitsClient.Queue.Registration;

/// <summary>Checks that the database answers, and says how full the queue is.</summary>
internal sealed class QueueHealthCheck(QueueTable table, TimeSpan? maxWait) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            QueueStatistics counted = await table.CountAsync(cancellationToken).ConfigureAwait(false);
            Dictionary<string, object> data = counted.Counts.ToDictionary(pair => pair.Key.ToString(), pair => (object)pair.Value);
            data["Oldest"] = counted.Oldest;
            return counted.Oldest > maxWait
                ? new HealthCheckResult(
                    context.Registration.FailureStatus, $"An upload has been due for {counted.Oldest:c}.", exception: null, data)
                : HealthCheckResult.Healthy(data: data);
        }
        catch (BitsQueueException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
