using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

public sealed class BitsReplyUrlTests
{
    [TestCase(
        @"BITS-Sessions\Replies\{A0}\responsefile.bin",
        "http://bits.test/vdir/BITS-Sessions/Replies/%7BA0%7D/responsefile.bin",
        Description = "as IIS writes it")]
    [TestCase("replies/1", "http://bits.test/vdir/replies/1")]
    [TestCase(@"\replies\1", "http://bits.test/replies/1")]
    [TestCase("/replies/1?key=2", "http://bits.test/replies/1?key=2")]
    [TestCase("http://bits.test/replies/1", "http://bits.test/replies/1")]
    [TestCase("http://bits.test:8080/1", "http://bits.test:8080/1")]
    [TestCase("https://bits.test/1", "https://bits.test/1", Description = "a switch to https is allowed")]
    public void A_reply_URL_is_absolute_or_relative_to_the_destination(string value, string expected) =>
        Assert.That(BitsReplyUrl.Resolve(new Uri("http://bits.test/vdir/file.bin"), value)?.AbsoluteUri, Is.EqualTo(expected));

    [TestCase("http://bits.test/1")]
    [TestCase("HTTP://bits.test/1")]
    public void A_reply_URL_never_downgrades_https_to_http(string value) =>
        Assert.That(BitsReplyUrl.Resolve(new Uri("https://bits.test/file.bin"), value), Is.Null);

    [TestCase("file:///etc/passwd")]
    [TestCase("ftp://bits.test/1")]
    [TestCase("javascript:alert(1)")]
    [TestCase("http://user:password@bits.test/1")]
    [TestCase("http://")]
    [TestCase("http://bits.test:99999/")]
    [TestCase("a\u0001b")]
    public void An_invalid_reply_URL_is_refused(string value) =>
        Assert.That(BitsReplyUrl.Resolve(new Uri("http://bits.test/file.bin"), value), Is.Null);
}
