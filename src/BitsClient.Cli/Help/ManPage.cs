using System.Text;

namespace BitsClient.Cli.Help;

/// <summary>Writes the pages of the tool and its commands as one manual page (roff, for man).</summary>
internal static class ManPage
{
    /// <param name="tool">The page of the tool.</param>
    /// <param name="commands">The pages of its commands.</param>
    public static string Of(HelpPage tool, IEnumerable<HelpPage> commands)
    {
        StringBuilder text = new();
        text.AppendLine($".TH {tool.Name.ToUpperInvariant()} 1");
        text.AppendLine(".SH NAME").AppendLine($"{tool.Name} \\- uploads files to BITS servers (IIS)");
        text.AppendLine(".SH SYNOPSIS").AppendLine(Escaped(tool.Usage));
        text.AppendLine(".SH DESCRIPTION");
        Description(text, tool);
        foreach (HelpPage page in commands)
        {
            text.AppendLine($".SH {page.Name[(tool.Name.Length + 1)..].ToUpperInvariant()}");
            text.AppendLine(Escaped(page.Usage)).AppendLine(".PP");
            Description(text, page);
        }

        text.AppendLine(".SH EXIT STATUS");
        Entries(text, HelpTexts.ExitCodes);
        return text.ToString().TrimEnd();
    }

    private static void Description(StringBuilder text, HelpPage page)
    {
        text.AppendLine(Escaped(page.Description));
        foreach (HelpSection section in page.Sections)
        {
            text.AppendLine($".SS {Escaped(section.Title)}");
            Entries(text, section.Entries);
        }

        text.AppendLine(".SS Examples").AppendLine(".nf");
        foreach (string example in page.Examples)
        {
            text.AppendLine(Escaped(example));
        }

        text.AppendLine(".fi");
    }

    private static void Entries(StringBuilder text, IEnumerable<HelpEntry> entries)
    {
        foreach (HelpEntry entry in entries)
        {
            text.AppendLine(".TP").AppendLine($"\\fB{Escaped(entry.Term)}\\fR").AppendLine(Escaped(entry.Description));
        }
    }

    // A line that begins with a period or an apostrophe is a request of roff, and an empty one is vertical space.
    private static string Escaped(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line =>
    {
        string escaped = line.Trim().Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped switch
        {
            "" => ".PP",
            ['.' or '\'', ..] => "\\&" + escaped,
            _ => escaped,
        };
    }));
}
