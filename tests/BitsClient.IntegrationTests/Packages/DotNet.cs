using System.Diagnostics;

namespace BitsClient.IntegrationTests.Packages;

/// <summary>Runs programs and waits for them to exit. Builds do not leave a build server running.</summary>
internal static class DotNet
{
    private static readonly string Host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    /// <summary>Runs a command of the SDK that runs the tests.</summary>
    public static Task<string> RunAsync(string folder, params string[] arguments) =>
        RunProgramAsync(folder, Host, arguments);

    /// <summary>Runs a program and returns its stdout. If the program fails, the test fails with its output.</summary>
    public static async Task<string> RunProgramAsync(string folder, string program, params string[] arguments)
    {
        (int exitCode, string output, string error) = await EndAsync(folder, program, arguments);
        Assert.That(exitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}\n{output}\n{error}");
        return output;
    }

    /// <summary>Restores a project. If it fails because no package source can be reached, or has a package, the test is ignored.</summary>
    public static async Task RestoreOrIgnoreAsync(string folder, params string[] arguments)
    {
        (int exitCode, string output, _) = await EndAsync(folder, Host, ["restore", .. arguments]);
        if (exitCode != 0 && (output.Contains("NU1101") || output.Contains("NU1102") || output.Contains("NU1301")))
        {
            Assert.Ignore($"A package cannot be restored: {output}");
        }
    }

    private static async Task<(int ExitCode, string Output, string Error)> EndAsync(
        string folder, string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";

        // The variable would override the packages folder in a nuget.config.
        start.Environment.Remove("NUGET_PACKAGES");
        using Process process = Process.Start(start)!;
        using CancellationTokenSource limit = new(Limit);
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
