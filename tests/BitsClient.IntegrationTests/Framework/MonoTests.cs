#if NET10_0_OR_GREATER
using System.Globalization;
using System.Security.Cryptography;
using BitsClient.IntegrationTests.Cli;
using BitsClient.IntegrationTests.Cli.Kills;
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Framework;

/// <summary>A program of .NET Framework uploads with the library's assembly for .NET Standard 2.0, under Mono.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
[TimeLimit(LimitInSeconds)]
internal sealed class MonoTests(BitsServerDialect dialect)
{
    /// <summary>The environment variable for another number of kills, of both dialects together.</summary>
    private const string Variable = "BITSCLIENT_MONO_KILLS";

    private const int LimitInSeconds = 300;
    private const int FileLength = 1_000_001;
    private const int Cancels = 100;
    private const int KillsPerUpload = 5;

    private static readonly int Kills =
        int.Parse(Environment.GetEnvironmentVariable(Variable) ?? "20", CultureInfo.InvariantCulture) / 2;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-mono-");
    private readonly byte[] _bytes = RandomNumberGenerator.GetBytes(FileLength);
    private BitsTestServer _server = null!;
    private BitsTestHost _host = null!;

    private string SourcePath => Path.Combine(_folder.FullName, "source.bin");

    [SetUp]
    public async Task StartAsync()
    {
        Mono.IgnoreIfMissing();
        await File.WriteAllBytesAsync(SourcePath, _bytes);
        await RestartAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await StopServerAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task A_file_arrives_with_its_hash_and_a_reply_comes_back()
    {
        string reply = Path.Combine(_folder.FullName, "reply.bin");
        await RestartAsync(new BitsTestServerOptions { Dialect = dialect, Reply = _ => [.. _bytes.Reverse()] });
        ToolRun run = await RunAsync("upload", SourcePath, Url("a.bin"), reply);
        Assert.That(run.OutputLines, Is.EqualTo(new[] { $"{FileLength} {Convert.ToHexStringLower(SHA256.HashData(_bytes))}" }));
        AssertArrived("a.bin");
        Assert.That(await File.ReadAllBytesAsync(reply), Is.EqualTo(_bytes.Reverse()));
        Assert.That(_server.Dialogue.Select(exchange => exchange.RequestHeader("Expect")), Is.All.Null);
    }

    [Test]
    public async Task A_file_arrives_although_packets_and_acks_are_lost()
    {
        BitsFault[] faults =
        [
            new BitsFault.DropBeforeBody(), new BitsFault.DropInBody(1000), new BitsFault.DropAfterHandling(),
            new BitsFault.CloseGracefully(), new BitsFault.CloseGracefully { AfterHandling = true }, new BitsFault.Answer(503),
            new BitsFault.KeepBytes(1000), new BitsFault.CloseConnection(),
        ];
        for (int i = 0; i < faults.Length; i++)
        {
            _server.Inject(BitsPacketNames.Fragment, faults[i], occurrence: 1 + (2 * i));
        }

        ToolRun run = await RunAsync("continue", SourcePath, Url("a.bin"), Path.Combine(_folder.FullName, "state"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        AssertArrived("a.bin");
        _server.AssertNoViolations();
    }

    [Test]
    public async Task No_cancel_leaves_a_session_and_every_outcome_is_correct()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        ToolRun run = await RunAsync("cancel", SourcePath, Url("c"), $"{Cancels}", $"{seed}");
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Has.Length.EqualTo(Cancels));
        await _server.WhenSettledAsync();
        Assert.That(_server.OpenSessionCount, Is.Zero);
        Assert.That(run.OutputLines.Select(line => line.Split(' ')[1]), Is.SupersetOf(new[] { "SessionCanceled", "Completed" }));
        foreach (string line in run.OutputLines)
        {
            AssertOutcome(line);
        }
    }

    [Test]
    public async Task No_kill_makes_the_file_wrong_or_leaves_a_session_that_the_client_knows()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        Random random = new(seed);
        int kills = 0;
        for (int upload = 0; kills < Kills; upload++)
        {
            await RestartAsync();
            BitsFileCheckpointStore store = new(Path.Combine(_folder.FullName, $"state{upload}"));
            for (int left = KillsPerUpload; await KillOnceAsync(store, random, left > 0); left--)
            {
                kills++;
            }

            AssertArrived("a.bin");
            Assert.That((await store.ListAsync()).Select(entry => entry.Checkpoint), Is.All.Null, $"upload {upload}");

            // A process that was killed before it saved a session knew none of its bytes.
            IEnumerable<BitsTestSession> open = _server.Sessions.Where(session => session.State is BitsTestSessionState.Open);
            Assert.That(open.Select(session => session.Received), Is.All.Zero, $"upload {upload}");
        }
    }

    private async Task RestartAsync(BitsTestServerOptions? options = null)
    {
        await StopServerAsync();
        _server = new BitsTestServer(options ?? new BitsTestServerOptions { Dialect = dialect });
        _host = await BitsTestHost.StartAsync(_server);
    }

    private async Task StopServerAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
            _server.Dispose();
        }
    }

    // Begins or resumes the upload. Returns true if the program was killed before its end.
    private async Task<bool> KillOnceAsync(BitsFileCheckpointStore store, Random random, bool kill)
    {
        using ToolProcess program = Mono.Start("continue", SourcePath, Url("a.bin"), store.Folder);
        if (kill)
        {
            KillMoment moment = random.Next(4) == 0
                ? new KillMoment.AfterStart(TimeSpan.FromMilliseconds(random.Next(1000)))
                : new KillMoment.AtOffset(random.NextInt64(FileLength));
            await moment.WaitAsync(_server, program);
            await program.SignalAsync("KILL");
        }

        ToolRun run = await program.EndAsync();
        await _server.WhenSettledAsync(program.TimeLimit);
        Assert.That(run.ExitCode, kill ? Is.AnyOf(0, 137) : Is.Zero, run.Error);
        return run.ExitCode != 0;
    }

    private void AssertArrived(string name) => Assert.That(_server.GetFile($"/{name}").AsSpan().SequenceEqual(_bytes), Is.True, name);

    // "7 SessionCanceled Transferring 1234": what the program says of the upload to c7.bin.
    private void AssertOutcome(string line)
    {
        string[] words = line.Split(' ');
        string path = $"/c{words[0]}.bin";
        BitsTestSessionState? state = _server.Sessions.SingleOrDefault(session => session.Path == path)?.State;
        switch (words[1])
        {
            case "Completed":
                AssertArrived(path[1..]);
                Assert.That(state, Is.EqualTo(BitsTestSessionState.Closed), line);
                break;
            case "SessionCanceled":
                Assert.That(state, Is.EqualTo(BitsTestSessionState.Canceled), line);
                Assert.That(_server.HasFile(path), Is.False, line);
                break;
            case "NotStarted":
                Assert.That(state, Is.Null, line);
                break;
            default:
                Assert.That(words[1], Is.EqualTo("Unconfirmed"), line);
                break;
        }
    }

    private string Url(string name) => new Uri(_host.BaseAddress, name).AbsoluteUri;

    private static async Task<ToolRun> RunAsync(params string[] arguments)
    {
        using ToolProcess program = Mono.Start(arguments);
        return await program.EndAsync();
    }
}
#endif
