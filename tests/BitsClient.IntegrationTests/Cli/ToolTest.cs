using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A test that runs each build of the tool as a process.</summary>
[TestFixture(ToolBuild.Portable)]
[TestFixture(ToolBuild.Native)]
[TimeLimit(60)]
internal abstract class ToolTest(ToolBuild build) : ProcessTest
{
    protected ToolProcess Start(params string[] arguments) => Watched(ToolProcess.Start(Command(arguments)));

    /// <summary>Starts the tool with its own folder for temporary files.</summary>
    protected ToolProcess StartWithTemporary(string folder, params string[] arguments) =>
        Watched(ToolProcess.Start(Command(arguments), temporaryFolder: folder));

    /// <summary>Starts the tool with file locking turned off.</summary>
    protected ToolProcess StartWithoutFileLocks(params string[] arguments) =>
        Watched(ToolProcess.Start(Command(arguments), locksFiles: false));

    /// <summary>Starts the tool in a terminal, where it shows a progress bar. Linux only.</summary>
    protected ToolProcess StartInTerminal(params string[] arguments) => StartInTerminal(width: 80, arguments);

    /// <summary>Starts the tool in a terminal with a number of columns. Linux only.</summary>
    protected ToolProcess StartInTerminal(int width, string[] arguments) =>
        Watched(ToolProcess.StartInTerminal(Command(arguments), width));

    /// <summary>Starts the tool with a stderr that cannot be written. Linux only.</summary>
    protected ToolProcess StartWithBrokenStderr(params string[] arguments) =>
        Watched(ToolProcess.StartWithBrokenStderr(Command(arguments)));

    protected Task<ToolRun> RunAsync(params string[] arguments) => Start(arguments).EndAsync();

    private string[] Command(string[] arguments) => [.. ToolCommand.Of(build), .. arguments];
}
