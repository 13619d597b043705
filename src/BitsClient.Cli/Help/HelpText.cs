using System.Text;

namespace BitsClient.Cli.Help;

/// <summary>Writes a page as text (--help).</summary>
internal static class HelpText
{
    private const int Width = 100;
    private const int Indent = 2;
    private const int Column = 26;

    public static string Of(HelpPage page)
    {
        StringBuilder text = new();
        text.AppendLine(Wrapped(page.Description, 0)).AppendLine();
        Section(text, "Usage", [page.Usage]);
        foreach (HelpSection section in page.Sections)
        {
            Section(text, section.Title, section.Entries.Select(Line));
        }

        Section(text, "Examples", page.Examples);
        Section(text, "Exit codes", HelpTexts.ExitCodes.Select(Line));
        return text.ToString().TrimEnd();
    }

    private static void Section(StringBuilder text, string title, IEnumerable<string> lines)
    {
        text.Append(title).AppendLine(":");
        foreach (string line in lines)
        {
            text.Append(' ', Indent).AppendLine(line);
        }

        text.AppendLine();
    }

    // A term that is longer than its column has its description on the next line.
    private static string Line(HelpEntry entry)
    {
        string description = Wrapped(entry.Description, Indent + Column);
        return entry.Term.Length < Column
            ? entry.Term.PadRight(Column) + description
            : $"{entry.Term}{Environment.NewLine}{new string(' ', Indent + Column)}{description}";
    }

    // Lines of the text are kept; only those that are too long are broken.
    private static string Wrapped(string text, int indent)
    {
        string newLine = Environment.NewLine + new string(' ', indent);
        return string.Join(newLine, text.ReplaceLineEndings("\n").Split('\n').Select(line => Broken(line, Width - indent, newLine)));
    }

    private static string Broken(string line, int width, string newLine)
    {
        if (line.Length <= width)
        {
            return line;
        }

        StringBuilder lines = new();
        int length = 0;
        foreach (string word in line.Split(' '))
        {
            bool fits = length == 0 || length + 1 + word.Length <= width;
            lines.Append(length == 0 ? "" : fits ? " " : newLine).Append(word);
            length = fits && length > 0 ? length + 1 + word.Length : word.Length;
        }

        return lines.ToString();
    }
}
