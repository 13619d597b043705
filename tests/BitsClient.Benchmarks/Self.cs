using System.Diagnostics;

namespace BitsClient.Benchmarks;

/// <summary>Starts this program again.</summary>
internal static class Self
{
    public static Process Start(IEnumerable<string> arguments)
    {
        string path = Path.ChangeExtension(typeof(Self).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        return Process.Start(new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }
}
