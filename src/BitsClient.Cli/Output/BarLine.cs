using Spectre.Console;
using Spectre.Console.Rendering;

namespace BitsClient.Cli.Output;

/// <summary>
/// A name, a bar and a text in one line. The text comes first: a narrow terminal shortens the name, then shows no bar, and only then
/// shortens the text.
/// </summary>
internal sealed class BarLine(string name, double fraction, string text) : Renderable
{
    private const int LongestText = 50;
    private const int LongestName = 30;
    private const int ShortestName = 7;
    private const int LongestBar = 30;
    private const int ShortestBar = 8;

    // A terminal writes ^C where the cursor is, which must not begin another line.
    private const int Echo = 2;

    protected override Measurement Measure(RenderOptions options, int maxWidth)
    {
        int width = Math.Max(1, maxWidth - Echo);
        return new Measurement(width, width);
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        int rest = maxWidth - LongestText - 1;
        int nameWidth = Math.Min(Math.Clamp(rest / 2, ShortestName, LongestName), Math.Max(0, maxWidth - 1));
        int barWidth = Math.Min(rest - nameWidth - 1, LongestBar);
        yield return Fit(name, nameWidth);
        yield return Segment.Padding(1);
        if (barWidth >= ShortestBar)
        {
            int done = (int)((Math.Clamp(fraction, 0, 1) * barWidth) + 1e-6);
            (char full, char empty) = options.Unicode ? ('\u2588', '\u2591') : ('#', '.');
            yield return new Segment(new string(full, done) + new string(empty, barWidth - done));
            yield return Segment.Padding(1);
        }

        int textWidth = Math.Max(0, maxWidth - nameWidth - 1 - (barWidth >= ShortestBar ? barWidth + 1 : 0));
        yield return Fit(text, textWidth);
    }

    // Pads or shortens a text to a number of cells; a character can have two.
    private static Segment Fit(string text, int width)
    {
        int cells = Segment.CellCount([new Segment(text)]);
        if (cells > width)
        {
            if (width == 0)
            {
                return new Segment("");
            }

            text = string.Concat(Segment.Truncate([new Segment(text)], width - 1).Select(segment => segment.Text)) + "\u2026";
            cells = Segment.CellCount([new Segment(text)]);
        }

        return new Segment(text + new string(' ', width - cells));
    }
}
