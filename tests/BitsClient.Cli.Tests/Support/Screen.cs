using System.Globalization;
using System.Text;

namespace BitsClient.Cli.Tests.Support;

/// <summary>What a terminal of a given width shows after some output. It knows the control sequences of progress bars.</summary>
internal sealed class Screen(int width)
{
    private readonly List<StringBuilder> _lines = [new()];
    private int _row;
    private int _column;

    /// <summary>Whether a line was longer than the terminal is wide, so that it was wrapped.</summary>
    public bool HasWrapped { get; private set; }

    /// <summary>The lines, without spaces at their ends.</summary>
    public string[] Lines => [.. _lines.Select(line => line.ToString().TrimEnd())];

    /// <summary>The screen as text, without empty lines at its end.</summary>
    public override string ToString() => string.Join('\n', Lines).TrimEnd();

    public void Write(string output)
    {
        for (int i = 0; i < output.Length; i++)
        {
            switch (output[i])
            {
                case '\u001b':
                    i = Control(output, i + 1);
                    break;
                case '\r':
                    _column = 0;
                    break;
                case '\n':
                    MoveTo(_row + 1);
                    _column = 0;
                    break;
                default:
                    Put(output[i]);
                    break;
            }
        }
    }

    private void Put(char c)
    {
        if (_column == width)
        {
            HasWrapped = true;
            MoveTo(_row + 1);
            _column = 0;
        }

        StringBuilder line = _lines[_row];
        line.Append(' ', Math.Max(0, _column + 1 - line.Length));
        line[_column++] = c;
    }

    // Reads "[", a number, and a letter. Returns the index of the letter.
    private int Control(string output, int start)
    {
        int end = start + 1;
        while (!char.IsAsciiLetter(output[end]))
        {
            end++;
        }

        string parameters = output[(start + 1)..end];
        int number = int.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : 1;
        switch (output[end])
        {
            case 'A':
                MoveTo(Math.Max(0, _row - number));
                break;
            case 'B':
                MoveTo(_row + number);
                break;
            case 'K' when parameters is "2":
                _lines[_row].Clear();
                break;
            case 'K':
                _lines[_row].Length = Math.Min(_lines[_row].Length, _column);
                break;
            case 'h' or 'l' or 'm':
                // The cursor and the colors are not shown.
                break;
            default:
                throw new NotSupportedException($"The sequence ESC {output[start..(end + 1)]} is unknown.");
        }

        return end;
    }

    private void MoveTo(int row)
    {
        while (_lines.Count <= row)
        {
            _lines.Add(new StringBuilder());
        }

        _row = row;
    }
}
