using System.Diagnostics;
using System.Runtime.InteropServices;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>
/// Starts the portable tool again with ASP.NET Core for the commands that need it. .NET itself reports what has to be installed if it is
/// missing.
/// </summary>
internal static partial class AspNetCoreRestart
{
    private const string Loaded = "BitsClient.Cli.HasAspNetCore";

    private static readonly string[] Commands = ["serve", "demo"];

    /// <summary>Whether the tool has to be started again for its arguments: the first word that is not an option is the command.</summary>
    public static bool IsNeeded(string[] args) =>
        Commands.Contains(Array.Find(args, word => !word.StartsWith('-')))
        && !(AppContext.TryGetSwitch(Loaded, out bool isLoaded) && isLoaded);

    /// <summary>Runs the tool again, and returns its exit code.</summary>
    public static int Run(string[] args)
    {
        string folder = AppContext.BaseDirectory;
        string[] command =
        [
            HostPath(), "exec", "--runtimeconfig", Path.Combine(folder, "aspnetcore.runtimeconfig.json"),
            Path.Combine(folder, "BitsClient.Cli.dll"), .. args,
        ];

        // On Unix, the new program replaces this one, so that signals and kills reach it.
        if (!OperatingSystem.IsWindows())
        {
            Execute(command[0], [.. command, null]);
            Console.Error.WriteLine(Terminal.ErrorLine($"{command[0]} could not be started: {Marshal.GetLastPInvokeErrorMessage()}."));
            return ExitCode.Failed;
        }

        // Ctrl-C reaches both programs; this one waits for the other.
        using PosixSignalRegistration waiting = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    // <root>/shared/Microsoft.NETCore.App/10.0.0/ -> <root>/dotnet
    private static string HostPath()
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        return Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
    }

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
