using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BitsClient.IntegrationTests.Cli;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Support;

/// <summary>A server to upload to, on a port of its own, and a folder to upload from, with one for states in it.</summary>
internal sealed class ToolRig : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-tests-");
    private readonly BitsTestHost _host;

    private ToolRig(BitsTestServer server, BitsTestHost host) => (Server, _host) = (server, host);

    public BitsTestServer Server { get; }

    public string State => PathOf("state");

    public BitsFileCheckpointStore Store => new(State);

    /// <summary>The states there are, whole or not.</summary>
    public string[] StateFiles => Directory.Exists(State)
        ? [.. Directory.GetFiles(State).Where(path => Path.GetExtension(path) is ".json" or ".tmp")]
        : [];

    public static async Task<ToolRig> StartAsync(BitsTestServerOptions? options = null)
    {
        BitsTestServer server = new(options ?? new BitsTestServerOptions { AllowOverwrite = false });
        return new ToolRig(server, await BitsTestHost.StartAsync(server));
    }

    public string Url(string path) => new Uri(_host.BaseAddress, path).AbsoluteUri;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Makes a file of random bytes.</summary>
    public string File(string name, int length)
    {
        System.IO.File.WriteAllBytes(PathOf(name), RandomNumberGenerator.GetBytes(length));
        return PathOf(name);
    }

    /// <summary>Makes a folder.</summary>
    public string Folder(string name) => Directory.CreateDirectory(PathOf(name)).FullName;

    public IEnumerable<BitsExchange> Packets(string type) => Server.Dialogue.Where(exchange => exchange.PacketType == type);

    /// <summary>
    /// Uploads a file of 4096 bytes in fragments of 1024, and stops the tool by a signal when the server has taken the
    /// second.
    /// </summary>
    public async Task<ToolRun> StopInTheMiddleAsync(PosixSignal signal, string name, params string[] options)
    {
        string file = System.IO.File.Exists(PathOf(name)) ? PathOf(name) : File(name, 4096);
        BitsGate held = Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        await using ToolInProcess tool = ToolInProcess.Start(["upload", file, Url(name), "--fragment-size", "1K", "--state", State, .. options]);
        await tool.ReachAsync(held);
        tool.Signal(signal);
        ToolRun run = await tool.EndAsync();
        await Server.WhenSettledAsync();
        return run;
    }

    /// <summary>The same, and the upload's id.</summary>
    public async Task<string> LeaveAsync(string name, params string[] options)
    {
        await StopInTheMiddleAsync(PosixSignal.SIGTERM, name, options);
        return (await Store.ListAsync()).Single(entry => entry.Checkpoint!.Url.AbsolutePath == $"/{name}").Checkpoint!.Id.ToString();
    }

    /// <summary>Saves a state. The server does not know the session, which is as good as a cancel.</summary>
    public async Task<Guid> SaveAsync(string session, TimeSpan age, bool earlierSessionIsUncertain = false)
    {
        BitsUploadCheckpoint state = new()
        {
            Id = Guid.NewGuid(),
            Url = new Uri(Url("a.bin")),
            SessionId = session,
            UpdatedAt = DateTimeOffset.UtcNow - age,
            BytesAcknowledged = 10,
            BytesTotal = 20,
            EarlierSessionIsUncertain = earlierSessionIsUncertain,
        };
        await Store.SaveAsync(state);
        return state.Id;
    }

    /// <summary>Changes a state that is saved.</summary>
    public async Task ChangeAsync(string id, Func<BitsUploadCheckpoint, BitsUploadCheckpoint> change) =>
        await Store.SaveAsync(change((await Store.LoadAsync(Guid.Parse(id)))!));

    public async Task AssertArrivedAsync(string name)
    {
        Assert.That(Server.GetFile($"/{name}"), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(PathOf(name))));
        Assert.That(Server.OpenSessionCount, Is.Zero);
        Assert.That(StateFiles, Is.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Server.Dispose();
        _folder.Delete(recursive: true);
    }
}
