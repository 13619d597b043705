#if NET10_0_OR_GREATER
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.IntegrationTests.Framework;

/// <summary>Mono, which runs programs of .NET Framework where there is none.</summary>
internal static class Mono
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static readonly string[] Folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);

    /// <summary>The folder of the built project BitsClient.FrameworkTests.</summary>
    private static string Built { get; } = BuiltFolder();

    public static void IgnoreIfMissing()
    {
        if (!Folders.Any(folder => File.Exists(Path.Combine(folder, "mono"))))
        {
            Assert.Ignore("Mono is not installed (Debian: mono-devel).");
        }
    }

    /// <summary>Starts the program that uploads.</summary>
    public static ToolProcess Start(params string[] arguments) =>
        ToolProcess.StartProgram(["mono", Path.Combine(Built, "BitsClient.FrameworkTests.exe"), .. arguments], Limit);

    /// <summary>
    /// Starts NUnit with the tests of the project. Not in the culture of this process: in a Turkish one, NUnit 3 takes no platform by its
    /// name.
    /// </summary>
    /// <param name="work">A folder for its files.</param>
    /// <param name="limit">How long they may take.</param>
    public static ToolProcess StartTests(string work, TimeSpan limit) => ToolProcess.StartProgram(
        [
            "env", "LANG=C.UTF-8", "mono", Path.Combine(Built, "runner", "nunit3-console.exe"), "--inprocess", $"--work={work}",
            Path.Combine(Built, "BitsClient.FrameworkTests.exe"),
        ],
        limit);

    // tests/X/bin/Debug/net10.0/ -> tests/BitsClient.FrameworkTests/bin/Debug/net472/
    private static string BuiltFolder()
    {
        DirectoryInfo target = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        string tests = target.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(tests, "BitsClient.FrameworkTests", "bin", target.Parent.Name, "net472");
    }
}
#endif
