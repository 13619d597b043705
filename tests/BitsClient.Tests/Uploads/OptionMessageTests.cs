namespace BitsClient.Tests.Uploads;

/// <summary>The message about an invalid option says what is valid.</summary>
public sealed class OptionMessageTests
{
    [Test]
    public void The_values_of_an_enumeration_are_listed()
    {
        string message = MessageOf(new BitsUploadOptions { ResendPolicy = (BitsResendPolicy)9, OnCancellation = (BitsSessionAction)9 });
        Assert.That(message, Does.Contain("ResendPolicy is 9").And.Contain("OnCancellation is 9"));
        Assert.That(message, Does.Contain(string.Join(", ", Enum.GetNames<BitsResendPolicy>())));
        Assert.That(message, Does.Contain(string.Join(", ", Enum.GetNames<BitsSessionAction>())));
    }

    [Test]
    public void An_option_that_is_null_has_to_be_set()
    {
        string[] lines = MessageOf(new BitsUploadOptions { Retry = null!, HostIdPolicy = null!, TrustedOrigins = null! })
            .Split(Environment.NewLine);
        Assert.That(lines, Has.One.Match(@"^HostIdPolicy is .*\bset\b").And.One.Match(@"^Retry is .*\bset\b"));
        Assert.That(lines, Has.One.Match(@"^TrustedOrigins is .*\bset\b"));
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "The name of the parameter has a line of its own there.")]
    public void Each_trusted_origin_has_to_be_an_http_or_https_URL()
    {
        Uri[] origins = [null!, new("node7", UriKind.Relative), new("ftp://node7/"), new("https://node7/"), new("http://u:secret@node7/")];
        string[] lines = MessageOf(new BitsUploadOptions { TrustedOrigins = origins }).Split(Environment.NewLine);
        const string Rule = "it must be an absolute http or https URL.";
        Assert.That(lines[0], Is.EqualTo($"TrustedOrigins[0] is null; {Rule}"));
        Assert.That(lines[1], Is.EqualTo($"TrustedOrigins[1] is a relative URL; {Rule}"));
        Assert.That(lines[2], Is.EqualTo($"TrustedOrigins[2] is ftp://node7/; {Rule} (Parameter 'options')"));
    }

    [Test]
    public void The_valid_values_are_in_the_message()
    {
        BitsUploadOptions options = new()
        {
            ProtocolId = "no GUID",
            MaxReplySize = -1,
            MinFragmentSize = 0,
            ProgressInterval = TimeSpan.FromTicks(-1),
            Retry = { MaxRetries = -1, MaxRestarts = -1, BaseDelay = TimeSpan.FromTicks(-1), MaxDelay = TimeSpan.FromDays(2) },
        };
        string[] lines = MessageOf(options).Split(Environment.NewLine);
        foreach ((string option, string valid) in new[]
        {
            ("ProtocolId", "a spelling of {7df0354d-249b-430f-820d-3d2a9bef4931}"), ("MaxReplySize", "at least 0"),
            ("MinFragmentSize", "at least 1"), ("ProgressInterval", "from zero to a day"), ("MaxRetries", "at least 0"),
            ("MaxRestarts", "at least 0"), ("BaseDelay", "not negative"), ("MaxDelay", "from BaseDelay"),
        })
        {
            Assert.That(lines, Has.One.Match($"^{option} is .*{valid}"), option);
        }
    }

    [Test]
    public void The_least_values_are_valid()
    {
        BitsUploadOptions options = new()
        {
            MaxReplySize = 0,
            MinFragmentSize = 1,
            Retry = { MaxRetries = 0, MaxRestarts = 0, BaseDelay = TimeSpan.Zero },
        };
        using HttpClient http = new();
        Assert.That(() => new BitsUploadClient(http, options), Throws.Nothing);
    }

    private static string MessageOf(BitsUploadOptions options)
    {
        using HttpClient http = new();
        ArgumentException e = Assert.Throws<ArgumentException>(() => _ = new BitsUploadClient(http, options))!;
        Assert.That(e.ParamName, Is.EqualTo("options"));
        return e.Message;
    }
}
