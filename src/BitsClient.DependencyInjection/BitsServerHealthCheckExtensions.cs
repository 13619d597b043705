using BitsClient.DependencyInjection.Registration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of BITS servers.</summary>
public static class BitsServerHealthCheckExtensions
{
    /// <summary>Adds a check that a BITS server answers a Ping at a URL. It opens no session.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="url">The destination of uploads: absolute, http or https.</param>
    /// <param name="name">The name of the check. Default "bits-server".</param>
    /// <param name="clientName">The name of the client that sends the Ping. Default null: the client without a name.</param>
    /// <param name="failureStatus">The status when the server does not answer. Default null: unhealthy.</param>
    /// <param name="tags">Tags to filter checks by. Default null: none.</param>
    /// <param name="timeout">How long the check may take. Default null: as long as the client allows.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddBitsServer(
        this IHealthChecksBuilder builder, Uri url, string name = "bits-server", string? clientName = null,
        HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(url);
        return builder.Add(new HealthCheckRegistration(
            name,
            provider => new BitsServerHealthCheck(ClientRegistration.Resolve(provider, clientName), url),
            failureStatus, tags, timeout));
    }
}
