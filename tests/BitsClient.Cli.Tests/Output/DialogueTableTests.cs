using BitsClient.Cli.Output;
using BitsClient.Testing;
using Spectre.Console;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The table of the demo, with one row per packet.</summary>
public sealed class DialogueTableTests
{
    [Test]
    public void A_row_shows_type_range_status_and_session() => Assert.That(
        RowsOf(Exchange("Fragment", 200, new("Content-Range", "bytes 0-9/10"), new("BITS-Session-Id", "{7df0354d-249b}"))),
        Is.EqualTo((string[])["Packet | Range | Status | Session", "Fragment | 0-9/10 | 200 | {7df0354d..."]));

    [Test]
    public void The_session_of_a_Create_Session_comes_from_the_answer() => Assert.That(
        RowsOf(Exchange("Create-Session", 200) with { AnswerHeaders = [new("BITS-Session-Id", "short")] })[1],
        Is.EqualTo("Create-Session | 200 | short"));

    [Test]
    public void A_packet_without_an_answer_is_shown_as_abandoned() =>
        Assert.That(RowsOf(Exchange("Fragment", status: null))[1], Is.EqualTo("Fragment | abandoned"));

    [Test]
    public void A_request_that_is_not_a_packet_has_no_type() => Assert.That(RowsOf(Exchange(type: null, 404))[1], Is.EqualTo("none | 404"));

    [Test]
    public void Markup_in_a_packet_type_is_shown_as_text() =>
        Assert.That(RowsOf(Exchange("[red]x[/]", 200))[1], Is.EqualTo("[red]x[/] | 200"));

    private static BitsExchange Exchange(string? type, int? status, params BitsHeader[] headers) => new()
    {
        Sequence = 1,
        Host = "server",
        Method = "BITS_POST",
        Url = new Uri("http://server/a.bin"),
        PacketType = type,
        RequestHeaders = headers,
        BodyBytes = 0,
        Status = status,
        AnswerHeaders = [],
        Aborted = status is null,
        Dropped = false,
    };

    // The cells that are not empty, without borders.
    private static string[] RowsOf(params BitsExchange[] dialogue)
    {
        using StringWriter writer = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 140;
        console.Write(DialogueTable.Of(dialogue));
        return
        [
            .. writer.ToString().Split(writer.NewLine)
                .Where(line => line.Any(char.IsAsciiLetter))
                .Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                .Select(cells => string.Join(" | ", cells)),
        ];
    }
}
