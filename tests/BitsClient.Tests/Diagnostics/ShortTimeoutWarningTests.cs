using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Diagnostics;

/// <summary>A client warns if the timeout of its HttpClient ends requests before its own timeouts do.</summary>
public sealed class ShortTimeoutWarningTests
{
    [TestCase(-1, true)]
    [TestCase(0, false)]
    [TestCase(1, false)]
    public void It_warns_only_if_the_timeout_is_shorter_than_ResponseTimeout(int difference, bool warns)
    {
        LogCollector logs = new();
        BitsUploadOptions options = new() { ResponseTimeout = TimeSpan.FromMinutes(3) };
        using HttpClient http = new() { Timeout = options.ResponseTimeout + TimeSpan.FromSeconds(difference) };
        _ = new BitsUploadClient(http, options, logs);
        Assert.That(logs.Entries.Count(entry => entry.Level is LogLevel.Warning), Is.EqualTo(warns ? 1 : 0));
        if (warns)
        {
            Assert.That(logs.Entries.Single().Text, Does.Contain("00:02:59").And.Contain("00:03:00").And.Contain("ResponseTimeout"));
        }
    }

    [Test]
    public void It_does_not_warn_without_a_timeout()
    {
        LogCollector logs = new();
        using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        _ = new BitsUploadClient(http, loggerFactory: logs);
        Assert.That(logs.Entries, Is.Empty);
    }
}
