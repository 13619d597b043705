using System.Text;

namespace BitsClient.Cli.Output;

/// <summary>Text from servers and file names, made safe for a terminal.</summary>
internal static class OneLine
{
    /// <summary>The text with every run of line breaks and other control characters made one space.</summary>
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
