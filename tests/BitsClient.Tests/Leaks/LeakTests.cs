using BitsClient.Tests.Support;

namespace BitsClient.Tests.Leaks;

/// <summary>However an upload ends, it leaves no file open, no timer running and no stream undisposed.</summary>
[Platform(Exclude = "Mono", Reason = "Files and timers are counted by means of .NET.")]
public sealed class LeakTests
{
    [Test]
    public async Task No_file_stays_open([Values] Ending ending)
    {
        Assume.That(OperatingSystem.IsLinux(), "open files are listed in /proc");
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        using LeakRig rig = new(ending, new BitsFileCheckpointStore(Path.Combine(file.Folder, "uploads")));
        for (int i = 0; i < 5; i++)
        {
            using CancellationTokenSource cancel = new();
            IBitsUploadJob job = rig.Client.CreateJob(
                BitsUploadSource.FromFile(file.Path), UploadRig.Url, BitsReplyTarget.ToFile(Path.Combine(file.Folder, "reply.bin")));
            Assert.That(OpenIn(file.Folder), Is.EqualTo(new[] { file.Path }), "only the source is open, and nothing of earlier jobs");
            await rig.EndAsync(job, cancel);
            if (ending is Ending.Success)
            {
                Assert.That(OpenIn(file.Folder), Has.Some.EndsWith(".lock").And.Some.EqualTo(file.Path), "open files are found");
            }

            await job.DisposeAsync();
            Assert.That(OpenIn(file.Folder), Is.Empty);
            GC.KeepAlive(job);
        }
    }

    [Test]
    public async Task No_file_stays_open_when_no_job_is_created_or_an_upload_is_resumed()
    {
        Assume.That(OperatingSystem.IsLinux(), "open files are listed in /proc");
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        using TemporaryFile other = new(UploadRig.Bytes(3001));
        using LeakRig rig = new(Ending.Failure, new BitsFileCheckpointStore(Path.Combine(file.Folder, "uploads")));
        List<BitsUploadSource> sources = [];
        for (int i = 0; i < 5; i++)
        {
            sources.Add(BitsUploadSource.FromFile(file.Path));
            Assert.That(() => rig.Client.CreateJob(sources[^1], new Uri("ftp://bits.test/f")), Throws.ArgumentException);
            await using IBitsUploadJob failed = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
            using CancellationTokenSource cancel = new();
            await rig.EndAsync(failed, cancel);
            BitsUploadCheckpoint checkpoint = failed.Checkpoint!;
            sources.Add(BitsUploadSource.FromFile(other.Path));
            Assert.That(() => rig.Client.ResumeJob(checkpoint, sources[^1]), Throws.TypeOf<BitsSourceChangedException>());
            Assert.That(() => BitsUploadSource.FromFile(file.Path, "a\nname"), Throws.ArgumentException);
            await failed.DisposeAsync();
            Assert.That((OpenIn(file.Folder), OpenIn(other.Folder)), Is.EqualTo((Array.Empty<string>(), Array.Empty<string>())));

            await using IBitsUploadJob resumed = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path));
            await resumed.RunAsync();
            await resumed.DisposeAsync();
            Assert.That(OpenIn(file.Folder), Is.Empty);
        }

        GC.KeepAlive(sources);
    }

    [Test]
    public async Task A_session_that_is_canceled_leaves_no_file_open()
    {
        Assume.That(OperatingSystem.IsLinux(), "open files are listed in /proc");
        using TemporaryFile file = new(UploadRig.Bytes(3000));
        using LeakRig rig = new(Ending.Failure, new BitsFileCheckpointStore(Path.Combine(file.Folder, "uploads")));
        using CancellationTokenSource cancel = new();
        IBitsUploadJob failed = rig.Client.CreateJob(BitsUploadSource.FromFile(file.Path), UploadRig.Url);
        await rig.EndAsync(failed, cancel);
        BitsUploadCheckpoint checkpoint = failed.Checkpoint!;
        await failed.DisposeAsync();
        await rig.Client.CancelSessionAsync(checkpoint);
        Assert.That(OpenIn(file.Folder), Is.Empty);
        await rig.Time.WhenNoneIsOpenAsync();
    }

    [Test]
    public async Task A_stream_is_disposed_once_or_left_open([Values] Ending ending, [Values] bool leaveOpen)
    {
        using LeakRig rig = new(ending, store: null);
        using CountedStream source = new(UploadRig.Bytes(3000));
        using CountedStream reply = new([]);
        using CancellationTokenSource cancel = new();
        IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromStream(source, leaveOpen: leaveOpen), UploadRig.Url, BitsReplyTarget.ToStream(reply, leaveOpen));
        await rig.EndAsync(job, cancel);
        int disposals = ending is Ending.DisposedWhileRunning or Ending.DisposedWhileSuspended && !leaveOpen ? 1 : 0;
        Assert.That(
            (source.Disposals, reply.Disposals),
            Is.EqualTo((disposals, disposals)),
            "the job may be run again until it is disposed");
        if (ending is not (Ending.DisposedWhileRunning or Ending.DisposedWhileSuspended))
        {
            await job.DisposeAsync();
        }

        disposals = leaveOpen ? 0 : 1;
        Assert.That((source.Disposals, reply.Disposals), Is.EqualTo((disposals, disposals)));
    }

    [Test]
    public void A_stream_without_a_job_is_disposed_once_or_left_open([Values] bool leaveOpen)
    {
        using LeakRig rig = new(Ending.NeverRun, store: null);
        using CountedStream source = new([1]);
        using CountedStream reply = new([]);
        Assert.That(
            () => rig.Client.CreateJob(
                BitsUploadSource.FromStream(source, leaveOpen: leaveOpen),
                new Uri("/relative", UriKind.Relative),
                BitsReplyTarget.ToStream(reply, leaveOpen)),
            Throws.ArgumentException);
        int disposals = leaveOpen ? 0 : 1;
        Assert.That((source.Disposals, reply.Disposals), Is.EqualTo((disposals, disposals)));
    }

    [Test]
    public async Task No_timer_is_left([Values] Ending ending)
    {
        using LeakRig rig = new(ending, new RecordingStore());
        using CancellationTokenSource cancel = new();
        IBitsUploadJob job = rig.Client.CreateJob(
            BitsUploadSource.FromMemory(UploadRig.Bytes(3000)), UploadRig.Url, BitsReplyTarget.ToStream(new MemoryStream()));
        await rig.EndAsync(job, cancel);
        await rig.Time.WhenNoneIsOpenAsync();
        int made = rig.Time.Made;
        await job.DisposeAsync();
        await rig.Time.WhenNoneIsOpenAsync();
        Assert.That(made, ending is Ending.NeverRun or Ending.CancelUnrun ? Is.Zero : Is.GreaterThan(2), "timers are counted");
    }

    [Test]
    public async Task A_ping_leaves_no_timer()
    {
        using LeakRig rig = new(Ending.NeverRun, store: null);
        await rig.Client.PingAsync(UploadRig.Url);
        await rig.Time.WhenNoneIsOpenAsync();
        Assert.That(rig.Time.Made, Is.EqualTo(1));
    }

    private static string[] OpenIn(string folder) =>
    [
        .. Directory.GetFiles("/proc/self/fd").Select(TargetOf).OfType<string>()
            .Where(target => target.StartsWith(folder + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    // Other tests open and close files all the time.
    private static string? TargetOf(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
