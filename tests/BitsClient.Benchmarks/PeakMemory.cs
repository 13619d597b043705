using System.Diagnostics;
using System.Globalization;

namespace BitsClient.Benchmarks;

/// <summary>
/// The peak working set of a contender, in a process of its own: this program, started again with the option --only, that prints its own.
/// </summary>
internal static class PeakMemory
{
    private const string Label = "Peak working set in bytes: ";

    public static void Print()
    {
        using Process process = Process.GetCurrentProcess();
        Console.WriteLine(FormattableString.Invariant($"{Label}{process.PeakWorkingSet64}"));
    }

    public static async Task<long> OfAsync(Contender contender, IEnumerable<string> arguments)
    {
        using Process process = Self.Start([.. arguments, "--only", contender.Name]);
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        string line = output.Split('\n').Single(text => text.StartsWith(Label, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Label.Length), CultureInfo.InvariantCulture);
    }
}
