using System.Globalization;

namespace BitsClient.Testing.Sessions;

/// <summary>The value of <c>Content-Range: bytes START-END/TOTAL</c>; END is inclusive and below TOTAL.</summary>
internal readonly record struct ContentRange(long Start, long End, long Total)
{
    private const string Unit = "bytes ";

    public long Length => End - Start + 1;

    public static bool TryParse(string? text, out ContentRange range)
    {
        range = default;
        if (text is null || !text.StartsWith(Unit, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> numbers = text.AsSpan(Unit.Length);
        int dash = numbers.IndexOf('-');
        int slash = numbers.IndexOf('/');
        if (dash < 0
            || slash < dash
            || !TryParse(numbers[..dash], out long start)
            || !TryParse(numbers[(dash + 1)..slash], out long end)
            || !TryParse(numbers[(slash + 1)..], out long total)
            || start > end
            || end >= total)
        {
            return false;
        }

        range = new ContentRange(start, end, total);
        return true;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
