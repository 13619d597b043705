using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests;

/// <summary>How 'cancel' cancels saved uploads and reports each, with an in-memory server.</summary>
public sealed class SavedUploadsCancelTests
{
    private const string Shown = "http://server/in/a.bin";

    [Test]
    public async Task A_canceled_upload_is_written_to_stdout_without_secrets_from_the_url()
    {
        using Rig rig = new();
        BitsUploadCheckpoint state = await rig.SaveAsync(Uploads.Saved());

        Assert.That(await rig.Cancel.CancelAsync(state), Is.True);

        Assert.That(rig.Output, Is.EqualTo((string[])[$"{state.Id} ({Shown}): canceled"]));
        Assert.That(rig.Error, Is.Empty);
        Assert.That(await rig.Saved.Store.ListAsync(), Is.Empty);
    }

    [TestCase(true, false, "the session no longer exists, but its last bytes had been sent: the file may be complete on the server")]
    [TestCase(true, true, "the session no longer exists, but its last bytes had been sent: the file may be complete on the server")]
    [TestCase(false, true, "the session no longer exists, but an earlier session or the complete file may remain on the server")]
    public async Task The_message_claims_only_what_is_known(bool mayBeComplete, bool earlierSessionIsUncertain, string words)
    {
        using Rig rig = new();
        BitsUploadCheckpoint state = await rig.SaveAsync(
            Uploads.Saved() with { MayBeComplete = mayBeComplete, EarlierSessionMayBeComplete = earlierSessionIsUncertain });

        Assert.That(await rig.Cancel.CancelAsync(state), Is.True);

        Assert.That(rig.Output, Is.EqualTo((string[])[$"{state.Id} ({Shown}): {words}"]));
    }

    [Test]
    public async Task An_unconfirmed_cancel_keeps_the_checkpoint_and_is_reported_on_stderr()
    {
        using Rig rig = new();
        BitsUploadCheckpoint state = await rig.SaveAsync(Uploads.Saved());
        rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        Assert.That(await rig.Cancel.CancelAsync(state), Is.False);

        Assert.That(rig.Output, Is.Empty);
        Assert.That(
            rig.Error,
            Is.EqualTo((string[])[$"bitsclient: {state.Id} ({Shown}): the server did not confirm the cancel; the checkpoint is kept."]));
        Assert.That((await rig.Saved.Store.ListAsync()).Single().Checkpoint!.Id, Is.EqualTo(state.Id));
    }

    [Test]
    public async Task A_failed_cancel_does_not_prevent_the_others()
    {
        using Rig rig = new();
        BitsUploadCheckpoint first =
            await rig.SaveAsync(Uploads.Saved() with { Id = Guid.NewGuid(), CreatedAt = DateTimeOffset.UnixEpoch });
        BitsUploadCheckpoint second = await rig.SaveAsync(Uploads.Saved());
        await using (await rig.Saved.Store.LockAsync(first.Id))
        {
            Assert.That(await rig.Cancel.CancelAllAsync(TimeSpan.Zero, CancellationToken.None), Is.False);
        }

        Assert.That(
            rig.Error.Single(), Does.StartWith($"bitsclient: The upload {first.Id} is being run by process {Environment.ProcessId} "));
        Assert.That(rig.Output, Is.EqualTo((string[])[$"{second.Id} ({Shown}): canceled"]));
    }

    [TestCase(1, true)]
    [TestCase(-1, false)]
    public async Task Only_uploads_of_the_specified_age_are_canceled(int minutesOlder, bool isCanceled)
    {
        using Rig rig = new();
        TimeSpan age = TimeSpan.FromDays(7);
        await rig.SaveAsync(Uploads.Saved() with { UpdatedAt = DateTimeOffset.UtcNow - age - TimeSpan.FromMinutes(minutesOlder) });

        Assert.That(await rig.Cancel.CancelAllAsync(age, CancellationToken.None), Is.True, "a younger upload is not an error");

        Assert.That(await rig.Saved.Store.ListAsync(), Has.Count.EqualTo(isCanceled ? 0 : 1));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(isCanceled ? 1 : 0));
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_read_is_reported_and_kept_regardless_of_its_age()
    {
        using Rig rig = new();
        string bad = rig.Damage("bad");

        Assert.That(await rig.Cancel.CancelAllAsync(TimeSpan.FromDays(7), CancellationToken.None), Is.False);

        Assert.That(rig.Error.Single(), Does.StartWith("bitsclient: ").And.Contain(bad));
        Assert.That(File.ReadAllText(bad), Is.EqualTo("{"));
    }

    [TestCase(false, "its session may stay on the server until it expires")]
    [TestCase(true, "its session may stay on the server until it expires, and the complete file may be there")]
    public async Task A_forgotten_upload_is_deleted_without_a_packet_and_the_line_says_what_may_be_left(bool mayBeComplete, string words)
    {
        using Rig rig = new(forgets: true);
        BitsUploadCheckpoint state = await rig.SaveAsync(Uploads.Saved() with { MayBeComplete = mayBeComplete });

        Assert.That(await rig.Cancel.CancelAsync(state), Is.True);

        Assert.That(rig.Output, Is.EqualTo((string[])[$"{state.Id} ({Shown}): forgotten; {words}"]));
        Assert.That(await rig.Saved.Store.ListAsync(), Is.Empty);
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task The_sessions_of_a_forgotten_upload_are_counted_and_their_servers_are_named()
    {
        using Rig rig = new(forgets: true);
        BitsOtherSession[] others =
        [
            new() { Url = new Uri("http://me:sesame@node7/in/a.bin?key=sesame"), SessionId = "{other}" },
            new() { Url = Uploads.Saved().Url },
        ];
        BitsUploadCheckpoint state = await rig.SaveAsync(Uploads.Saved() with { OtherSessions = others });

        Assert.That(await rig.Cancel.CancelAsync(state), Is.True);

        const string Words = $"3 sessions may stay at {Shown}, http://node7/in/a.bin until they expire";
        Assert.That(rig.Output, Is.EqualTo((string[])[$"{state.Id} ({Shown}): forgotten; {Words}"]));
    }

    [Test]
    public async Task An_upload_that_runs_is_not_forgotten_but_the_others_are()
    {
        using Rig rig = new(forgets: true);
        BitsUploadCheckpoint running = await rig.SaveAsync(Uploads.Saved() with { Id = Guid.NewGuid() });
        BitsUploadCheckpoint state = await rig.SaveAsync(Uploads.Saved());
        await using (await rig.Saved.Store.LockAsync(running.Id))
        {
            Assert.That(await rig.Cancel.CancelAllAsync(TimeSpan.Zero, CancellationToken.None), Is.False);
        }

        Assert.That(rig.Error.Single(), Does.StartWith($"bitsclient: The upload {running.Id} is being run by process "));
        Assert.That(rig.Output.Single(), Does.StartWith($"{state.Id} ({Shown}): forgotten; "));
        Assert.That((await rig.Saved.Store.ListAsync()).Single().Checkpoint!.Id, Is.EqualTo(running.Id));
    }

    [Test]
    public async Task A_signal_stops_before_the_next_upload()
    {
        using Rig rig = new();
        await rig.SaveAsync(Uploads.Saved());

        Assert.That(
            async () => await rig.Cancel.CancelAllAsync(TimeSpan.Zero, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await rig.Saved.Store.ListAsync(), Has.Count.EqualTo(1));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    /// <summary>A folder with checkpoints, an in-memory server, and the output.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitsclient-tests-");
        private readonly StringWriter _output = new();
        private readonly StringWriter _error = new();

        public Rig(bool forgets = false)
        {
            Saved = new SavedUploads(_folder.FullName);
            BitsUploadOptions options = new() { CheckpointStore = Saved.Store };
            Cancel = new SavedUploadsCancel(
                new Terminal(_output, _error), Saved, _ => new HttpClient(Server.CreateHandler()),
                (http, _) => new BitsUploadClient(http, options, timeProvider: new ManualTimeProvider()), forgets);
        }

        public BitsTestServer Server { get; } = new();

        public SavedUploads Saved { get; }

        public SavedUploadsCancel Cancel { get; }

        public string[] Output => Lines(_output);

        public string[] Error => Lines(_error);

        public async Task<BitsUploadCheckpoint> SaveAsync(BitsUploadCheckpoint state)
        {
            await Saved.Store.SaveAsync(state);
            return state;
        }

        public string Damage(string name)
        {
            string path = Path.Combine(_folder.FullName, $"{name}.json");
            File.WriteAllText(path, "{");
            return path;
        }

        public void Dispose()
        {
            Server.Dispose();
            _folder.Delete(recursive: true);
        }

        private static string[] Lines(StringWriter writer) =>
            writer.ToString().Split(writer.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
