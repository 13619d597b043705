using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

/// <summary>How the two headers of a host id are read. <see cref="BitsHostIdTests"/> covers which values are hosts.</summary>
public sealed class HostIdHeaderTests
{
    [TestCase("Node7.farm.test:8080")]
    [TestCase("")]
    [TestCase("http://user@evil.test/")]
    public void The_host_is_read_unchanged(string value) => Assert.That(Read(("BITS-Host-Id", value)).HostId, Is.EqualTo(value));

    [Test]
    public void Without_the_headers_there_is_no_host_and_no_timeout()
    {
        Assert.That(Read().HostId, Is.Null);
        Assert.That(Read().HostIdFallback, Is.Null);
    }

    [TestCase("0", 0d)]
    [TestCase(" 86400 ", 86_400d)]
    [TestCase("4294967295", 4_294_967_295d)]
    [TestCase("4294967296", null)]
    [TestCase("-1", null)]
    [TestCase("1.5", null)]
    [TestCase("soon", null)]
    [TestCase("", null)]
    public void The_timeout_is_in_whole_seconds(string value, double? seconds) =>
        Assert.That(Read(("BITS-Host-Id-Fallback-Timeout", value)).HostIdFallback?.TotalSeconds, Is.EqualTo(seconds));

    private static BitsAck Read(params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = new();
        foreach ((string name, string value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return BitsAckReader.Read(response, DateTimeOffset.UnixEpoch);
    }
}
