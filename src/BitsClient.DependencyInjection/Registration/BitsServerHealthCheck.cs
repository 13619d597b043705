using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BitsClient.DependencyInjection.Registration;

/// <summary>Checks that a BITS server answers a Ping.</summary>
internal sealed class BitsServerHealthCheck(IBitsUploadClient client, Uri url) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await client.PingAsync(url, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (BitsUploadException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
