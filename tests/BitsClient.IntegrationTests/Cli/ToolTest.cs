using System.Security.Cryptography;
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A server to upload to, a folder to upload from, and the tools that were started, which do not outlive their test.</summary>
[TimeLimit(60)]
internal abstract class ToolTest
{
    private readonly List<ToolProcess> _tools = [];
    private DirectoryInfo _folder = null!;
    private BitsTestHost _host = null!;

    protected BitsTestServer Server { get; private set; } = null!;

    protected virtual BitsTestServerOptions ServerOptions => new() { AllowOverwrite = false };

    [SetUp]
    public async Task StartServer()
    {
        _folder = Directory.CreateTempSubdirectory("bitsclient-tests-");
        Server = new BitsTestServer(ServerOptions);
        _host = await BitsTestHost.StartAsync(Server);
    }

    [TearDown]
    public async Task StopEverything()
    {
        _tools.ForEach(tool => tool.Dispose());
        _tools.Clear();
        await _host.DisposeAsync();
        Server.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Lets nobody listen at <see cref="Url"/> any more.</summary>
    protected ValueTask StopServerAsync() => _host.DisposeAsync();

    protected string Url(string path) => new Uri(_host.BaseAddress, path).AbsoluteUri;

    protected string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Makes a file of random bytes.</summary>
    protected string File(string name, int length)
    {
        System.IO.File.WriteAllBytes(PathOf(name), RandomNumberGenerator.GetBytes(length));
        return PathOf(name);
    }

    protected ToolProcess Start(params string[] arguments) => Start(password: null, arguments);

    protected ToolProcess Start(string? password, string[] arguments) => Watched(ToolProcess.Start(arguments, password));

    /// <summary>Starts the tool with a folder of its own for temporary files.</summary>
    protected ToolProcess StartWithTemporary(string folder, params string[] arguments) => Watched(ToolProcess.Start(arguments, temporaryFolder: folder));

    /// <summary>Starts the tool where it can show a bar; only on Linux.</summary>
    protected ToolProcess StartInTerminal(params string[] arguments) => Watched(ToolProcess.StartInTerminal(arguments));

    /// <summary>Starts the tool where it can tell nothing on stderr; only on Linux.</summary>
    protected ToolProcess StartDeaf(params string[] arguments) => Watched(ToolProcess.StartDeaf(arguments));

    protected Task<ToolRun> RunAsync(params string[] arguments) => Start(arguments).EndAsync();

    protected IEnumerable<BitsExchange> Packets(string type) => Server.Dialogue.Where(exchange => exchange.PacketType == type);

    private ToolProcess Watched(ToolProcess tool)
    {
        _tools.Add(tool);
        return tool;
    }
}
