using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

public sealed class BitsHostIdTests
{
    [TestCase("node7", "http://node7:8080/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("node7.farm.test", "http://node7.farm.test:8080/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("NODE_7", "http://node_7:8080/a%20b/%7Bf%7D.bin?q=1", Description = "a URL writes a host in lower case")]
    [TestCase("node7:1", "http://node7:1/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("node7:80", "http://node7/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("node7:65535", "http://node7:65535/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("192.0.2.7", "http://192.0.2.7:8080/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("192.0.2.7:90", "http://192.0.2.7:90/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("[2001:db8::1]", "http://[2001:db8::1]:8080/a%20b/%7Bf%7D.bin?q=1")]
    [TestCase("[2001:DB8::1]:90", "http://[2001:db8::1]:90/a%20b/%7Bf%7D.bin?q=1")]
    public void A_host_replaces_the_URLs_own_and_nothing_else_changes(string hostId, string expected) =>
        Assert.That(BitsHostId.Place(new Uri("http://bits.test:8080/a%20b/%7Bf%7D.bin?q=1"), hostId)?.AbsoluteUri, Is.EqualTo(expected));

    [TestCase("https://bits.test/f", "node7", "https://node7/f")]
    [TestCase("https://bits.test/f", "node7:80", "https://node7:80/f")]
    [TestCase("http://bits.test/f", "node7:443", "http://node7:443/f")]
    public void The_scheme_never_changes(string url, string hostId, string expected) =>
        Assert.That(BitsHostId.Place(new Uri(url), hostId)?.AbsoluteUri, Is.EqualTo(expected));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a b")]
    [TestCase("a, b", Description = "the header was sent twice")]
    [TestCase("http://evil.test")]
    [TestCase("evil.test/path")]
    [TestCase("evil.test\\path")]
    [TestCase("evil.test?q")]
    [TestCase("evil.test#f")]
    [TestCase("user@evil.test")]
    [TestCase("user:password@evil.test")]
    [TestCase("evil.test:80@node7")]
    [TestCase("node7\u0001")]
    [TestCase("node7\r\nX: y")]
    [TestCase("nödé")]
    [TestCase("node7%2Fpath")]
    [TestCase("node7:")]
    [TestCase("node7:0")]
    [TestCase("node7:65536")]
    [TestCase("node7:-1")]
    [TestCase("node7:+1")]
    [TestCase("node7: 1")]
    [TestCase("node7:1:2")]
    [TestCase("node7:http")]
    [TestCase(":80")]
    [TestCase("2001:db8::1", Description = "no brackets")]
    [TestCase("[2001:db8::1")]
    [TestCase("2001:db8::1]")]
    [TestCase("[]")]
    [TestCase("[node7]")]
    [TestCase("[192.0.2.7]")]
    [TestCase("[fe80::1%eth0]")]
    [TestCase("[2001:db8::1]80")]
    [TestCase("[2001:db8::1]:")]
    [TestCase("[2001:db8::1]:0")]
    [TestCase("[2001:db8::1]@evil.test")]
    public void A_value_that_is_not_a_host_is_refused(string hostId) =>
        Assert.That(BitsHostId.Place(new Uri("http://bits.test/f"), hostId), Is.Null);
}
