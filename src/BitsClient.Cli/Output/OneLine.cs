using System.Text;

namespace BitsClient.Cli.Output;

/// <summary>Makes text from servers and file names safe to write to a terminal.</summary>
internal static class OneLine
{
    /// <summary>Replaces each sequence of line breaks and other control characters with one space, and trims the result.</summary>
    public static string Of(string text)
    {
        StringBuilder line = new(text.Length);
        bool inGap = false;
        foreach (char c in text)
        {
            bool isControl = char.IsControl(c) || c is '\u2028' or '\u2029';
            if (!isControl || !inGap)
            {
                line.Append(isControl ? ' ' : c);
            }

            inGap = isControl;
        }

        return line.ToString().Trim();
    }
}
