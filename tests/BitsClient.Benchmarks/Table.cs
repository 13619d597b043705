namespace BitsClient.Benchmarks;

/// <summary>A table in Markdown.</summary>
internal sealed class Table(params IReadOnlyList<string> columns)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    public void Add(params IReadOnlyList<string> cells) => _rows.Add(cells);

    public void Print()
    {
        Print(columns);
        Print([.. columns.Select(_ => "---")]);
        _rows.ForEach(Print);
    }

    private static void Print(IEnumerable<string> cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");
}
