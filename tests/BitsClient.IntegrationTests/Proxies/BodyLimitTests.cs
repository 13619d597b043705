namespace BitsClient.IntegrationTests.Proxies;

/// <summary>A proxy that refuses large request bodies, as nginx does by default above 1 MiB.</summary>
public sealed class BodyLimitTests
{
    private const int Limit = 64 * 1024;

    [Test]
    public async Task Fragments_shrink_until_the_proxy_accepts_them()
    {
        byte[] file = new byte[1_000_000];
        new Random(1).NextBytes(file);
        BitsUploadOptions options = new()
        {
            InitialFragmentSize = 512 * 1024,
            Retry = { MaxRetries = 1000, BaseDelay = TimeSpan.FromMilliseconds(5), MaxDelay = TimeSpan.FromMilliseconds(50) },
        };
        await using ProxyRig rig = await ProxyRig.StartAsync("nginx", options, "client_max_body_size 64k;");
        await rig.UploadAsync(file);
        Assert.That(rig.Server.GetFile(ProxyRig.Path), Is.EqualTo(file));
        Assert.That(
            rig.Server.Dialogue.Select(exchange => exchange.BodyBytes),
            Is.All.LessThanOrEqualTo(Limit).And.Some.GreaterThan(Limit / 4));
        rig.Server.AssertNoViolations();
    }
}
