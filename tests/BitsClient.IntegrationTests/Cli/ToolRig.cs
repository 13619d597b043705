using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>
/// A server on its own port, and a temporary folder for files and checkpoints. Used by the tests that run the tool in process and by those
/// that run it as a process.
/// </summary>
internal sealed class ToolRig : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-tests-");
    private readonly BitsTestHost _host;

    private ToolRig(BitsTestServer server, BitsTestHost host) => (Server, _host) = (server, host);

    public BitsTestServer Server { get; }

    /// <summary>The folder for checkpoints, which the tool creates.</summary>
    public string State => PathOf("state");

    public BitsFileCheckpointStore Store => new(State);

    /// <summary>The checkpoint files, including incomplete ones.</summary>
    public string[] StateFiles => Directory.Exists(State)
        ? [.. Directory.GetFiles(State).Where(path => Path.GetExtension(path) is ".json" or ".tmp")]
        : [];

    public static async Task<ToolRig> StartAsync(BitsTestServerOptions? options = null)
    {
        BitsTestServer server = new(options ?? new BitsTestServerOptions { AllowOverwrite = false });
        return new ToolRig(server, await BitsTestHost.StartAsync(server));
    }

    /// <summary>Stops listening at <see cref="Url"/>.</summary>
    public ValueTask StopServerAsync() => _host.DisposeAsync();

    public string Url(string path) => new Uri(_host.BaseAddress, path).AbsoluteUri;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Creates a file of random bytes.</summary>
    public string File(string name, int length)
    {
        System.IO.File.WriteAllBytes(PathOf(name), RandomNumberGenerator.GetBytes(length));
        return PathOf(name);
    }

    /// <summary>Creates a folder.</summary>
    public string Folder(string name) => Directory.CreateDirectory(PathOf(name)).FullName;

    public IEnumerable<BitsExchange> Packets(string type) => Server.Dialogue.Where(exchange => exchange.PacketType == type);

    /// <summary>
    /// The arguments to upload a file in fragments of 1024 bytes with checkpoints. Creates the file, of 4096 bytes, if it does not exist.
    /// </summary>
    public string[] UploadWithCheckpoints(string name, params string[] options)
    {
        string file = System.IO.File.Exists(PathOf(name)) ? PathOf(name) : File(name, 4096);
        return ["upload", file, Url(name), "--fragment-size", "1K", "--state", State, .. options];
    }

    /// <summary>Returns the id of a saved upload.</summary>
    public async Task<string> IdOfAsync(string name) =>
        (await Store.ListAsync()).Single(entry => entry.Checkpoint!.Url.AbsolutePath == $"/{name}").Checkpoint!.Id.ToString();

    /// <summary>Saves a checkpoint. The server does not know its session, so that a cancel counts as confirmed.</summary>
    public async Task<Guid> SaveAsync(string session, TimeSpan age, bool earlierSessionIsUncertain = false)
    {
        BitsUploadCheckpoint checkpoint = new()
        {
            Id = Guid.NewGuid(),
            Url = new Uri(Url("a.bin")),
            SessionId = session,
            UpdatedAt = DateTimeOffset.UtcNow - age,
            BytesAcknowledged = 10,
            BytesTotal = 20,
            EarlierSessionMayBeComplete = earlierSessionIsUncertain,
        };
        await Store.SaveAsync(checkpoint);
        return checkpoint.Id;
    }

    /// <summary>Changes a saved checkpoint.</summary>
    public async Task ChangeAsync(string id, Func<BitsUploadCheckpoint, BitsUploadCheckpoint> change) =>
        await Store.SaveAsync(change((await Store.LoadAsync(Guid.Parse(id)))!));

    /// <summary>Asserts that a file is on the server, and that no session and no checkpoint is left.</summary>
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
