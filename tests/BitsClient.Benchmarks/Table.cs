using System.Globalization;

namespace BitsClient.Benchmarks;

/// <summary>A table in Markdown.</summary>
internal sealed class Table(params IReadOnlyList<string> columns)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>A cell with a number.</summary>
    public static string Number(double value, int digits = 0) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    public void Print()
    {
        Print(columns);
        Print([.. columns.Select(_ => "---")]);
        _rows.ForEach(Print);
    }

    private static void Print(IEnumerable<string> cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");
}
