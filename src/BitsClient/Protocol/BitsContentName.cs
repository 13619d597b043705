using System.Buffers;
using System.Globalization;
using System.Text;

namespace BitsClient.Protocol;

/// <summary>Makes a file name fit the Content-Name header (MC-BUP note 3): no path, printable ASCII, at most 260 characters.</summary>
internal static class BitsContentName
{
    private const int MaxLength = 260;

    // What MC-BUP note 3 forbids, and the percent sign, because it is what stands in for them.
    private static readonly SearchValues<byte> Escaped = SearchValues.Create("\\/:*?\"<>|%"u8);

    /// <summary>
    /// The header's value: a name that holds anything else than plain characters is percent-encoded as UTF-8; one that is then too long
    /// is left out (null), for it only informs.
    /// </summary>
    public static string? Of(string name)
    {
        StringBuilder value = new(name.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            if (b is <= 0x1F or >= 0x7F || Escaped.Contains(b))
            {
                value.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
            else
            {
                value.Append((char)b);
            }
        }

        // A header's value has no space at its ends.
        string fitting = value.ToString().Trim();
        return fitting.Length is 0 or > MaxLength ? null : fitting;
    }

    /// <summary>Whether a name holds a line break or another control character: nobody means such a name, and it could forge a header.</summary>
    public static bool HoldsControlCharacter(string name) => name.Any(char.IsControl);
}
