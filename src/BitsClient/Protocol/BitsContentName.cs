using System.Buffers;
using System.Globalization;
using System.Text;

namespace BitsClient.Protocol;

/// <summary>Converts a file name to a value of the Content-Name header (MC-BUP note 3): printable ASCII, at most 260 characters.</summary>
internal static class BitsContentName
{
    private const int MaxLength = 260;

    // The characters that MC-BUP note 3 forbids, and the percent sign, which begins an encoded character.
    private static readonly SearchValues<byte> Escaped = SearchValues.Create("\\/:*?\"<>|%"u8);

    /// <summary>
    /// The value of the header: other characters are percent-encoded as UTF-8. Null if the value is empty or too long; the name is then not
    /// sent, because it is only informative.
    /// </summary>
    public static string? Of(string? name)
    {
        if (name is null)
        {
            return null;
        }

        string trimmed = (name.All(IsPlain) ? name : Encoded(name)).Trim();
        return trimmed.Length is 0 or > MaxLength ? null : trimmed;
    }

    /// <summary>
    /// Whether a name contains a line break or another control character. Such a name is a mistake, and could forge a header.
    /// </summary>
    public static bool ContainsControlCharacter(string name) => name.Any(char.IsControl);

    private static string Encoded(string name)
    {
        StringBuilder value = new(name.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            if (IsPlain((char)b))
            {
                value.Append((char)b);
            }
            else
            {
                value.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return value.ToString();
    }

    private static bool IsPlain(char c) => c is > (char)0x1F and < (char)0x7F && !Escaped.Contains((byte)c);
}
