using System.CommandLine;
using BitsClient.Cli.Commands;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>Which URLs are accepted.</summary>
public sealed class ServerUrlTests
{
    private const string NoUrl = "The URL must be an absolute http or https URL, for example http://server/uploads/report.zip";

    [TestCase("http://server/in/a.bin")]
    [TestCase("HTTPS://server:8443/in/a%20b.bin?sig=1")]
    [TestCase("http://server:80/a?user=me@server")]
    [TestCase("http://server/folder?file=/")]
    [TestCase("http://server")]
    [TestCase("http://server/folder/?sig=1")]
    public void An_http_or_https_url_is_accepted_unchanged(string text)
    {
        Assert.That(Parse(ServerUrl.Argument(""), text).Url, Is.EqualTo(new Uri(text)));
    }

    [TestCase("http://me:sesame@server/a", "http://server/a")]
    [TestCase("http://me@server:81/a%20b?sig=%2F", "http://server:81/a%20b?sig=%2F")]
    public void The_user_is_not_part_of_the_url(string text, string url)
    {
        Uri? parsed = Parse(ServerUrl.Argument(""), text).Url;

        Assert.That(parsed?.OriginalString, Is.EqualTo(url));
    }

    [TestCase("")]
    [TestCase("a.bin")]
    [TestCase("in/a.bin")]
    [TestCase("/in/a.bin")]
    [TestCase("server/a.bin")]
    [TestCase("ftp://server/a.bin")]
    [TestCase("file:///a.bin")]
    [TestCase("http://")]
    [TestCase("http:///a.bin")]
    public void Anything_else_is_refused(string text)
    {
        Assert.That(Parse(ServerUrl.Argument(""), text).Errors, Is.EqualTo((string[])[NoUrl]));
    }

    [Test]
    public void The_url_has_at_most_2200_characters()
    {
        string longest = "http://server/" + new string('a', 2200 - "http://server/".Length);

        Assert.That(Parse(ServerUrl.Argument(""), longest).Url, Is.EqualTo(new Uri(longest)));
        Assert.That(
            Parse(ServerUrl.Argument(""), longest + "a").Errors,
            Is.EqualTo((string[])["The URL has 2201 characters; BITS allows at most 2200"]));
        Assert.That(
            Parse(ServerUrl.Argument(""), longest[..^1] + "ä").Errors,
            Is.EqualTo((string[])["The URL has 2205 characters; BITS allows at most 2200"]));
    }

    private static (Uri? Url, string[] Errors) Parse(Argument<Uri> argument, string text)
    {
        ParseResult parsed = new Command("test") { argument }.Parse([text]);
        string[] errors = [.. parsed.Errors.Select(error => error.Message)];
        return (errors.Length == 0 ? parsed.GetRequiredValue(argument) : null, errors);
    }
}
