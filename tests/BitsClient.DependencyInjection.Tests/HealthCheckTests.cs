using BitsClient.DependencyInjection.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace BitsClient.DependencyInjection.Tests;

/// <summary>The health check of a BITS server.</summary>
public sealed class HealthCheckTests
{
    [TestCase(null, HealthStatus.Healthy)]
    [TestCase(404, HealthStatus.Degraded)]
    public async Task A_Ping_decides(int? answer, HealthStatus expected)
    {
        using BitsTestServer server = new();
        if (answer is { } status)
        {
            server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(status));
        }

        using IHost host = TestHost.Build(services =>
        {
            services.AddBitsUploadClient("reports").To(server);
            services.AddHealthChecks().AddBitsServer(TestHost.Url, clientName: "reports", failureStatus: HealthStatus.Degraded);
        });

        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.That(report.Status, Is.EqualTo(expected));
        Assert.That(report.Entries["bits-server"].Description, answer is null ? Is.Null : Does.Contain("404"));
        Assert.That(server.Sessions, Is.Empty);
    }
}
