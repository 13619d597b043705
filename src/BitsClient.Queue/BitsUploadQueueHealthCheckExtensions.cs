using BitsClient.Queue.Registration;
using BitsClient.Queue.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a health check of the queue.</summary>
public static class BitsUploadQueueHealthCheckExtensions
{
    /// <summary>
    /// Adds a check that the database of the queue answers. Its data has the number of uploads by status, and for how long the oldest one
    /// has been due.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check. Default "bits-queue".</param>
    /// <param name="maxWait">For how long an upload may have been due before this fails. Default null: as long as it takes.</param>
    /// <param name="failureStatus">The status when the check fails. Default null: unhealthy.</param>
    /// <param name="tags">Tags to filter checks by. Default null: none.</param>
    /// <param name="timeout">How long the check may take. Default null: the 10 seconds that a statement may take.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddBitsUploadQueue(
        this IHealthChecksBuilder builder, string name = "bits-queue", TimeSpan? maxWait = null, HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, provider => new QueueHealthCheck(provider.GetRequiredService<QueueTable>(), maxWait), failureStatus, tags, timeout));
    }
}
