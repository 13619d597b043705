using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A test with a server and with processes. Those that are still running at its end are killed.</summary>
internal abstract class ProcessTest
{
    private readonly List<ToolProcess> _processes = [];

    protected ToolRig Rig { get; private set; } = null!;

    /// <summary>The options of the server; null for those of <see cref="ToolRig.StartAsync"/>.</summary>
    protected virtual BitsTestServerOptions? ServerOptions => null;

    [SetUp]
    public async Task StartServer() => Rig = await ToolRig.StartAsync(ServerOptions);

    [TearDown]
    public async Task StopEverything()
    {
        _processes.ForEach(process => process.Dispose());
        _processes.Clear();
        await Rig.DisposeAsync();
    }

    /// <summary>Lets a process be killed at the end of the test.</summary>
    protected ToolProcess Watched(ToolProcess process)
    {
        _processes.Add(process);
        return process;
    }
}
