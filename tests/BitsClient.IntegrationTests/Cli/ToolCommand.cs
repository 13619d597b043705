namespace BitsClient.IntegrationTests.Cli;

/// <summary>The first words of a command that runs the tool.</summary>
internal static class ToolCommand
{
    /// <summary>The environment variable with the path of the natively compiled tool.</summary>
    private const string NativeVariable = "BITSCLIENT_NATIVE_TOOL";

    private static readonly string? Native = Environment.GetEnvironmentVariable(NativeVariable) is { Length: > 0 } path ? path : null;

    /// <summary>The build that starts faster, for tests that start it hundreds of times.</summary>
    public static string[] Fastest => Of(Native is null ? ToolBuild.Portable : ToolBuild.Native);

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Returns the command of a build. Without a native build, the test is ignored.</summary>
    public static string[] Of(ToolBuild build)
    {
        if (build is ToolBuild.Portable)
        {
            return [Host, PortablePath()];
        }

        if (Native is null)
        {
            Assert.Ignore($"The environment variable {NativeVariable} has no path of a natively compiled tool.");
        }

        return [Native!];
    }

    // tests/X/bin/Debug/net10.0/ -> src/BitsClient.Cli/bin/Debug/net10.0/
    private static string PortablePath()
    {
        DirectoryInfo target = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        DirectoryInfo configuration = target.Parent!;
        string root = configuration.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", "BitsClient.Cli", "bin", configuration.Name, target.Name, "BitsClient.Cli.dll");
    }
}
