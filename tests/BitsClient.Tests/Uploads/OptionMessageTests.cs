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
        string[] lines = MessageOf(new BitsUploadOptions { Retry = null!, HostIdPolicy = null! }).Split(Environment.NewLine);
        Assert.That(lines, Has.One.Match(@"^HostIdPolicy is .*\bset\b").And.One.Match(@"^Retry is .*\bset\b"));
    }

    private static string MessageOf(BitsUploadOptions options)
    {
        using HttpClient http = new();
        ArgumentException e = Assert.Throws<ArgumentException>(() => _ = new BitsUploadClient(http, options))!;
        Assert.That(e.ParamName, Is.EqualTo("options"));
        return e.Message;
    }
}
