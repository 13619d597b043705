using System.Globalization;
using BitsClient.Testing;
using Spectre.Console;

namespace BitsClient.Cli.Output;

/// <summary>A table of the requests that the demo's server received, one row per packet.</summary>
internal static class DialogueTable
{
    private const string SessionId = "BITS-Session-Id";
    private const int SessionShown = 9;

    public static Table Of(IEnumerable<BitsExchange> dialogue)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("Packet", "Range", "Status", "Session");
        foreach (BitsExchange exchange in dialogue)
        {
            string range = exchange.RequestHeader("Content-Range")?.Replace("bytes ", "", StringComparison.Ordinal) ?? "";
            string status = exchange.Status?.ToString(CultureInfo.InvariantCulture) ?? "abandoned";
            string session = exchange.RequestHeader(SessionId) ?? exchange.AnswerHeader(SessionId) ?? "";
            table.AddRow(new Text(exchange.PacketType ?? "none"), new Text(range), new Text(status), new Text(Shortened(session)));
        }

        return table;
    }

    private static string Shortened(string session) => session.Length <= SessionShown ? session : session[..SessionShown] + "...";
}
