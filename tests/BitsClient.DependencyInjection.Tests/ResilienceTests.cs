using BitsClient.DependencyInjection.Tests.Support;
using BitsClient.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BitsClient.DependencyInjection.Tests;

/// <summary>The resilience handlers that an application adds to all its clients are left out of the upload client.</summary>
public sealed class ResilienceTests
{
    private static readonly byte[] File = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];

    [Test]
    public void A_handler_for_all_clients_repeats_no_packet_and_that_is_logged_once()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503));
        using LogLines logs = new();
        using IHost host = TestHost.Build(
            services =>
            {
                services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler());
                services.AddBitsUploadClient(options => options.Retry.MaxRetries = 0).To(server);
            },
            logs);
        IBitsUploadClient client = host.Services.GetRequiredService<IBitsUploadClient>();

        Assert.That(
            () => client.UploadAsync(BitsUploadSource.FromMemory(File), TestHost.Url),
            Throws.TypeOf<BitsServerException>().With.Property("StatusCode").EqualTo(System.Net.HttpStatusCode.ServiceUnavailable));

        Assert.That(server.Dialogue.Count(exchange => exchange.PacketType == BitsPacketNames.Fragment), Is.EqualTo(1));
        Assert.That(
            logs.Lines.Where(line => line.Contains("used without", StringComparison.Ordinal)).ToArray(),
            Has.Length.EqualTo(1).And.All.Contains("ResilienceHandler"));
    }

    [Test]
    public async Task A_handler_that_is_added_to_the_upload_client_stays()
    {
        using BitsTestServer server = new();
        server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(503));
        using IHost host = TestHost.Build(services =>
        {
            IHttpClientBuilder client = services.AddBitsUploadClient(options => options.Retry.MaxRetries = 0).To(server);
            client.AddStandardResilienceHandler(options => options.Retry.Delay = TimeSpan.FromMilliseconds(1));
        });
        await host.Services.GetRequiredService<IBitsUploadClient>().UploadAsync(BitsUploadSource.FromMemory(File), TestHost.Url);
        Assert.That(server.Dialogue.Count(exchange => exchange.PacketType == BitsPacketNames.CloseSession), Is.EqualTo(2));
    }

    [Test]
    public void Other_clients_keep_their_handlers()
    {
        int handlers = 0;
        using IHost host = TestHost.Build(services =>
        {
            services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler());
            services.AddBitsUploadClient();
            services.AddHttpClient("other").ConfigureAdditionalHttpMessageHandlers((added, _) => handlers = added.Count);
        });
        using HttpClient http = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("other");
        Assert.That(handlers, Is.GreaterThan(0));
    }
}
