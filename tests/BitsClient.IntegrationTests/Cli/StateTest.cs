#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

/// <summary>A tool test with a folder for states, and uploads that have ended early.</summary>
internal abstract class StateTest : ToolTest
{
    protected string State => PathOf("state");

    protected BitsFileCheckpointStore Store => new(State);

    /// <summary>The states there are, whole or not.</summary>
    protected string[] StateFiles => Directory.Exists(State)
        ? [.. Directory.GetFiles(State).Where(path => Path.GetExtension(path) is ".json" or ".tmp")]
        : [];

    /// <summary>Uploads a file of 4096 bytes in fragments of 1024, and ends the tool by a signal when the server has taken the second.</summary>
    protected async Task<ToolRun> StopInTheMiddleAsync(string signal, string name, params string[] options)
    {
        string file = System.IO.File.Exists(PathOf(name)) ? PathOf(name) : File(name, 4096);
        BitsGate held = Server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        ToolProcess tool = Start(["upload", file, Url(name), "--fragment-size", "1K", "--state", State, .. options]);
        await tool.ReachAsync(held);
        await tool.SignalAsync(signal);
        ToolRun run = await tool.EndAsync();
        await Server.WhenSettledAsync(tool.TimeLimit);
        return run;
    }

    /// <summary>The same, and the upload's id.</summary>
    protected async Task<string> LeaveAsync(string name, params string[] options)
    {
        await StopInTheMiddleAsync("TERM", name, options);
        return (await Store.ListAsync()).Single(entry => entry.Checkpoint!.Url.AbsolutePath == $"/{name}").Checkpoint!.Id.ToString();
    }

    protected async Task AssertArrivedAsync(string name)
    {
        Assert.That(Server.GetFile($"/{name}"), Is.EqualTo(await System.IO.File.ReadAllBytesAsync(PathOf(name))));
        Assert.That(Server.OpenSessionCount, Is.Zero);
        Assert.That(StateFiles, Is.Empty);
    }
}
#endif
