using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BitsClient.DependencyInjection.Tests.Support;

/// <summary>A host whose default upload client uses a test server in memory.</summary>
internal static class TestHost
{
    public static readonly Uri Url = new("http://bits.test/upload/file.bin");

    /// <summary>Builds a host.</summary>
    /// <param name="register">Registers the client and what the test needs.</param>
    /// <param name="logs">Receives what is logged; null for nothing.</param>
    public static IHost Build(Action<IServiceCollection> register, ILoggerProvider? logs = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        register(builder.Services);
        return builder.Build();
    }

    /// <summary>Sends the client's requests to a test server.</summary>
    public static IHttpClientBuilder To(this IHttpClientBuilder builder, BitsTestServer server) =>
        builder.ConfigurePrimaryHttpMessageHandler(server.CreateHandler);
}
