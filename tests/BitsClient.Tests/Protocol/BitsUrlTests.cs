using BitsClient.Protocol;

namespace BitsClient.Tests.Protocol;

public sealed class BitsUrlTests
{
    [TestCase("http://host/folder/file.zip")]
    [TestCase("https://host:8443/file.zip?sig=1")]
    public void An_absolute_http_URL_is_accepted(string url) =>
        Assert.That(() => BitsUrl.ThrowIfUnusable(new Uri(url), "url"), Throws.Nothing);

    [TestCase("folder/file.zip", "relative")]
    [TestCase("ftp://host/file.zip", "'ftp'")]
    [TestCase("file:///file.zip", "'file'")]
    public void Any_other_URL_is_refused_with_the_reason(string url, string reason) =>
        Assert.That(
            () => BitsUrl.ThrowIfUnusable(new Uri(url, UriKind.RelativeOrAbsolute), "url"),
            Throws.ArgumentException.With.Message.Contains(reason).And.Property("ParamName").EqualTo("url"));

    [Test]
    public void Null_is_refused_with_the_name_of_its_parameter() =>
        Assert.That(() => BitsUrl.ThrowIfUnusable(null!, "url"), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("url"));

    [TestCase(2200, true)]
    [TestCase(2201, false)]
    public void At_most_2200_characters_are_allowed(int length, bool allowed)
    {
        Uri url = new("http://host/".PadRight(length, 'a'));
        Assert.That(
            () => BitsUrl.ThrowIfUnusable(url, "url"),
            allowed ? Throws.Nothing : Throws.ArgumentException.With.Message.Contains("2201"));
    }

    [Test]
    public void A_shown_URL_holds_no_secrets() =>
        Assert.That(
            BitsUrl.Shown(new Uri("http://user:pass@host:81/a%20b/c.zip?sig=secret#frag")),
            Is.EqualTo("http://host:81/a%20b/c.zip"));

    [Test]
    public void Nothing_is_shown_of_a_relative_URL() =>
        Assert.That(BitsUrl.Shown(new Uri("folder/file.zip?sig=secret", UriKind.Relative)), Is.EqualTo("a relative URL"));

#if NET
    [Test]
    public void R23_A_URL_that_is_sent_byte_for_byte_is_refused()
    {
        Uri url = new("http://host/a/../b.bin", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        Assert.That(BitsUrl.FindError(url), Does.Contain("DangerousDisablePathAndQueryCanonicalization"));
        Assert.That(BitsUrl.FindError(new Uri("http://host/a/../b.bin?x=%41")), Is.Null);
    }
#endif
}
