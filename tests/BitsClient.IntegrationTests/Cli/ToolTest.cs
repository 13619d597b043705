using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A test that runs each build of the tool as a process. Processes that are still running at its end are killed.</summary>
[TestFixture(ToolBuild.Portable)]
[TestFixture(ToolBuild.Native)]
[TimeLimit(60)]
internal abstract class ToolTest(ToolBuild build)
{
    private readonly List<ToolProcess> _tools = [];

    protected ToolRig Rig { get; private set; } = null!;

    /// <summary>The options of the server; null for those of <see cref="ToolRig.StartAsync"/>.</summary>
    protected virtual BitsTestServerOptions? ServerOptions => null;

    [SetUp]
    public async Task StartServer() => Rig = await ToolRig.StartAsync(ServerOptions);

    [TearDown]
    public async Task StopEverything()
    {
        _tools.ForEach(tool => tool.Dispose());
        _tools.Clear();
        await Rig.DisposeAsync();
    }

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

    private ToolProcess Watched(ToolProcess tool)
    {
        _tools.Add(tool);
        return tool;
    }
}
