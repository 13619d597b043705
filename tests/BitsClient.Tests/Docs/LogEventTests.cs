using System.Globalization;
using System.Reflection;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Docs;

/// <summary>docs/logging.md lists every log event, with its id, level and name.</summary>
public sealed class LogEventTests
{
    [Test]
    public void The_page_lists_every_event_in_order()
    {
        Type log = typeof(BitsUploadClient).Assembly.GetType("BitsClient.Diagnostics.Log", throwOnError: true)!;
        IEnumerable<string> events =
            from method in log.GetMethods(BindingFlags.Public | BindingFlags.Static)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            orderby message.EventId
            select string.Create(CultureInfo.InvariantCulture, $"| {message.EventId} | {message.Level} | `{method.Name}` |");
        IEnumerable<string> rows =
            from line in File.ReadLines(Repository.PathOf("docs", "logging.md"))
            where line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2])
            select line[..(line.IndexOf('`', line.IndexOf('`', StringComparison.Ordinal) + 1) + 3)];
        Assert.That(rows, Is.EqualTo(events));
    }
}
