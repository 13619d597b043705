#if NET10_0_OR_GREATER
using System.Globalization;
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>
/// Stops the tool at random moments while it uploads to a server that appends whatever it gets and acknowledges it, and resumes the upload
/// until it is done. A byte that is sent twice in one session would be in the file twice, with exit code 0.
/// </summary>
[Platform(Exclude = "Win", Reason = "Signals are sent with kill.")]
internal sealed class AppendingServerTests
{
    private const int FileLength = 60_000_000;

    /// <summary>The environment variable for another number of stops.</summary>
    private const string Variable = "BITSCLIENT_STOPS";

    private const int StopsPerUpload = 10;
    private const int Lanes = 2;
    private const int LimitInSeconds = 400;

    private static readonly int Stops =
        int.Parse(Environment.GetEnvironmentVariable(Variable) ?? "30", CultureInfo.InvariantCulture);

    private DirectoryInfo _folder = null!;
    private byte[] _bytes = null!;
    private string _file = "";

    [SetUp]
    public async Task MakeFileAsync()
    {
        _folder = Directory.CreateTempSubdirectory("bitsclient-appends-");
        _bytes = new byte[FileLength];
        Random.Shared.NextBytes(_bytes);
        _file = Path.Combine(_folder.FullName, "a.bin");
        await File.WriteAllBytesAsync(_file, _bytes);
    }

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [TestCase("KILL"), TestCase("TERM")]
    [CancelAfter(LimitInSeconds * 1000), TimeLimit(LimitInSeconds + 30)]
    public async Task No_stop_makes_the_file_longer_or_shorter(string signal, CancellationToken limit)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        int[] stops = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => RunAsync(signal, new Random(seed + lane), lane, limit)));
        Assert.That(stops.Sum(), Is.GreaterThanOrEqualTo(Stops));
    }

    private async Task<int> RunAsync(string signal, Random random, int lane, CancellationToken limit)
    {
        int stops = 0;
        for (int upload = 0; stops < Stops / Lanes; upload++)
        {
            limit.ThrowIfCancellationRequested();
            BitsFileCheckpointStore store = new(Path.Combine(_folder.FullName, $"{lane}-{upload}"));
            using BitsTestServer server = new(
                new BitsTestServerOptions { AppendsAndEchoes = true, KeepBrokenFragments = random.Next(2) == 0 });
            await using BitsTestHost host = await BitsTestHost.StartAsync(server, cancellationToken: limit);
            for (int left = StopsPerUpload; await StopOnceAsync(server, host, store, random, left > 0 ? signal : null); left--)
            {
                stops++;
            }

            string what = $"{signal}, upload {upload} of lane {lane}";
            byte[] stored = server.GetFile("/upload/a.bin");
            Assert.That(stored, Has.Length.EqualTo(FileLength), what);
            Assert.That(stored.AsSpan().SequenceEqual(_bytes), Is.True, what);
            Assert.That((await store.ListAsync(limit)).Select(entry => entry.Checkpoint), Is.All.Null, what);
        }

        return stops;
    }

    // Uploads or resumes. Returns true if the tool was stopped before the file was stored and the checkpoint deleted.
    private async Task<bool> StopOnceAsync(
        BitsTestServer server, BitsTestHost host, BitsFileCheckpointStore store, Random random, string? signal)
    {
        // A tool that was killed during its first save leaves an entry without a checkpoint.
        Guid? id = (await store.ListAsync()).Select(entry => entry.Checkpoint).SingleOrDefault(saved => saved is not null)?.Id;
        if (id is null && server.HasFile("/upload/a.bin"))
        {
            return false;
        }

        string url = new Uri(host.BaseAddress, "upload/a.bin").AbsoluteUri;
        string[] command = id is null ? ["upload", _file, url] : ["resume", $"{id}"];
        using ToolProcess tool = ToolProcess.Start([.. ToolCommand.Fastest, .. command, "--state", store.Folder, "--fragment-size", "64K"]);
        if (signal is null)
        {
            ToolRun run = await tool.EndAsync();
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            return false;
        }

        KillMoment moment = random.Next(4) == 0
            ? new KillMoment.AfterStart(TimeSpan.FromMilliseconds(random.Next(600)))
            : new KillMoment.AtOffset(random.NextInt64(FileLength * 51L / 50));
        await moment.WaitAsync(server, tool);
        await tool.SignalAsync(signal);
        ToolRun stopped = await tool.EndAsync();
        await ToolConnections.WhenReadAsync(host, tool.TimeLimit);
        await server.WhenSettledAsync(tool.TimeLimit);
        Assert.That(stopped.ExitCode, Is.AnyOf(0, signal == "KILL" ? 137 : 143), stopped.Error);
        return stopped.ExitCode != 0;
    }
}
#endif
