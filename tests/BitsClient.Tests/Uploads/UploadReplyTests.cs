using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>Uploads that are answered with a reply: when it is requested, where it is written, and which reply URLs are refused.</summary>
public sealed class UploadReplyTests
{
    private static readonly byte[] Reply = UploadRig.Bytes(300_000);

    [Test]
    public async Task A_reply_is_downloaded_to_a_file_before_the_session_is_closed([Values] BitsServerDialect dialect, [Values] bool exists)
    {
        using TemporaryFile folder = new([]);
        string path = Path.Combine(folder.Folder, "reply.bin");
        if (exists)
        {
            await File.WriteAllTextAsync(path, "an older reply");
        }

        using FarmRig rig = new(Server(dialect));
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(path));
        BitsUploadResult result = await job.RunAsync();

        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(Reply));
        Assert.That(rig.Requests.TakeLast(2), Is.EqualTo(new[] { "bits.test GET", "bits.test Close-Session" }));
        Assert.That(result.Reply, Has.Property("Length").EqualTo(Reply.Length).And.Property("Path").EqualTo(path));
        Assert.That(
            result.Reply!.Url.AbsoluteUri,
            Does.Match(@"^http://bits\.test/upload/BITS-Sessions/Replies/%7B[0-9A-F-]{36}%7D/responsefile\.bin$"),
            "the braces and backslashes of IIS");
        Assert.That(Directory.GetFiles(folder.Folder), Has.Length.EqualTo(2), "the file and the reply");
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_reply_whose_URL_was_lost_with_the_last_ack_is_that_of_another_session([Values] BitsServerDialect dialect)
    {
        using TemporaryFile folder = new([]);
        string path = Path.Combine(folder.Folder, "reply.bin");
        using FarmRig rig = new(Server(dialect));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(path));
        await job.RunAsync();

        // Win32 specifies the URL with each ack that reports the last offset, MC-BUP not with a 416.
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(dialect is BitsServerDialect.Win32 ? 1 : 2));
        Assert.That(rig.Server.Sessions.SkipLast(1).Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Canceled));
        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_reply_whose_URL_was_lost_leaves_a_checkpoint_that_can_be_used_if_no_other_session_may_follow()
    {
        using FarmRig rig = new(
            Server(BitsServerDialect.McBup), new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRestarts = 0 } });
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 3);
        IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => job.RunAsync())!;
        await job.DisposeAsync();
        Assert.That((e.Header, e.Checkpoint!.NeedsNewSession), Is.EqualTo(("BITS-Reply-URL", true)));
        await rig.Client.CancelSessionAsync(e.Checkpoint);
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_reply_that_is_not_there_in_the_same_process_does_not_cost_the_session()
    {
        using FarmRig rig = new(Server());
        rig.Server.InjectEvery(BitsPacketNames.ReplyDownload, new BitsFault.Answer(404));
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That((rig.Server.Sessions.Count, rig.Server.OpenSessionCount), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task An_upload_whose_session_was_closed_before_it_was_resumed_starts_over([Values] BitsServerDialect dialect)
    {
        using TemporaryFile folder = new([]);
        string path = Path.Combine(folder.Folder, "reply.bin");
        using FarmRig rig = new(Server(dialect));
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CloseSession);
        IBitsUploadJob killed = rig.CreateJob(reply: BitsReplyTarget.ToFile(path));
        Task<BitsUploadResult> running = killed.RunAsync();
        await gate.ReachedByAsync(running);
        BitsUploadCheckpoint saved = killed.Checkpoint!;
        gate.Release();
        await running;
        await killed.DisposeAsync();

        await using IBitsUploadJob resumed = rig.Client.ResumeJob(
            saved, BitsUploadSource.FromMemory(rig.File), BitsReplyTarget.ToFile(path));
        await resumed.RunAsync();
        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(Reply));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_reply_is_written_to_a_stream_from_its_position_without_rewinding([Values] bool leaveOpen)
    {
        using MemoryStream stream = new();
        stream.WriteByte(1);
        using FarmRig rig = new(Server());
        await using (IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen)))
        {
            BitsUploadResult result = await job.RunAsync();
            Assert.That(result.Reply!.Path, Is.Null);
            Assert.That(stream.Position, Is.EqualTo(Reply.Length + 1));
        }

        Assert.That(stream.ToArray()[1..], Is.EqualTo(Reply));
        Assert.That(stream.CanWrite, Is.EqualTo(leaveOpen));
    }

    [Test]
    public async Task An_empty_reply_is_an_empty_file()
    {
        using TemporaryFile folder = new([]);
        string path = Path.Combine(folder.Folder, "reply.bin");
        using FarmRig rig = new(new BitsTestServerOptions { Reply = _ => [] });
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(path));
        await job.RunAsync();
        Assert.That(new FileInfo(path), Has.Property("Exists").True.And.Property("Length").EqualTo(0));
    }

    [Test]
    public async Task An_absolute_URL_is_used_unchanged()
    {
        using FarmRig rig = new(Server(), handlers: new Alteration((_, response) =>
        {
            if (response.Headers.TryGetValues("BITS-Reply-URL", out IEnumerable<string>? values))
            {
                string absolute = new Uri(new Uri("http://bits.test/upload/file.bin"), values.Single()).AbsoluteUri;
                response.Headers.Remove("BITS-Reply-URL");
                response.Headers.Add("BITS-Reply-URL", absolute);
            }
        }));
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        await job.RunAsync();
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_plain_upload_ignores_the_reply()
    {
        using FarmRig rig = new(Server(), handlers: Alteration.OfReplyUrl("http://evil.test/"));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Reply, Is.Null);
        Assert.That(rig.Requests, Has.None.EndsWith("GET"));
    }

    [TestCase(null)]
    [TestCase("http://evil.test/reply.bin")]
    [TestCase(@"\\evil.test\reply.bin")]
    [TestCase("file:///etc/passwd")]
    public async Task A_reply_URL_that_is_missing_or_elsewhere_is_an_error_and_is_not_requested(string? value)
    {
        using FarmRig rig = new(Server(), handlers: Alteration.OfReplyUrl(value));
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => job.RunAsync())!;
        Assert.That((e.Header, e.Value), Is.EqualTo(("BITS-Reply-URL", value)));
        Assert.That(rig.Requests, Has.None.EndsWith("GET"));
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.ReplyCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task PrepareRequest_prepares_the_download_too()
    {
        List<BitsPacketType> prepared = [];
        BitsUploadOptions options = new()
        {
            PrepareRequest = (context, _) =>
            {
                prepared.Add(context.PacketType);
                return ValueTask.CompletedTask;
            },
        };
        using FarmRig rig = new(Server(), options);
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        await job.RunAsync();
        Assert.That(prepared[^2], Is.EqualTo(BitsPacketType.GetReply));
        BitsExchange get = rig.Server.Dialogue[^2];
        Assert.That(get.RequestHeader("User-Agent"), Does.StartWith("BitsClient/"));
        Assert.That(get.RequestHeader("BITS-Packet-Type"), Is.Null);
    }

    [Test]
    public async Task Progress_reports_the_download_of_the_reply()
    {
        List<BitsUploadProgress> reports = [];
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, ProgressInterval = TimeSpan.Zero };
        using FarmRig rig = new(Server(), options);
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        await job.RunAsync(new ProgressHandler(reports.Add));
        BitsUploadProgress[] during = [.. reports.Where(report => report.Status is BitsUploadStatus.DownloadingReply)];
        Assert.That(during.Select(report => report.ReplyBytes), Is.Ordered);
        Assert.That(during[^1], Has.Property("ReplyBytes").EqualTo(Reply.Length).And.Property("ReplyTotal").EqualTo(Reply.Length));
        Assert.That(reports.Select(report => report.Status).Distinct(), Is.Ordered);
        Assert.That(reports[^1], Has.Property("BytesAcknowledged").EqualTo(3000).And.Property("ReplyBytes").EqualTo(Reply.Length));
    }

    [Test]
    public void An_unusable_target_is_refused_at_once()
    {
        using TemporaryFile folder = new([]);
        Assert.That(() => BitsReplyTarget.ToFile(""), Throws.ArgumentException);
        Assert.That(() => BitsReplyTarget.ToFile(folder.Folder), Throws.ArgumentException);
        Assert.That(
            () => BitsReplyTarget.ToFile(Path.Combine(folder.Folder, "none", "reply.bin")),
            Throws.TypeOf<DirectoryNotFoundException>());
        Assert.That(() => BitsReplyTarget.ToStream(new MemoryStream([], writable: false)), Throws.ArgumentException);
    }

    private static BitsTestServerOptions Server(BitsServerDialect dialect = BitsServerDialect.McBup) =>
        new() { Dialect = dialect, Reply = _ => Reply };

    [Test]
    public async Task A_stream_whose_write_never_ends_does_not_delay_a_cancel()
    {
        using HangingStream stream = new();
        using FarmRig rig = new(Server());
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        Task<BitsUploadResult> running = job.RunAsync();
        await stream.Writing;
        Assert.That(await job.CancelAsync().WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(BitsCancelOutcome.ReplyCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task Bytes_of_an_abandoned_write_are_not_part_of_the_reply()
    {
        using HangingStream stream = new();
        using FarmRig rig = new(Server());
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));
        Task<BitsUploadResult> running = job.RunAsync();
        await stream.Writing;
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        stream.Release();
        await running;
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_write_that_never_ends_is_not_reported_as_a_silent_server()
    {
        using HangingStream stream = new() { IsSeekable = false };
        using FarmRig rig = new(Server());
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        List<string?> failures = [];
        Task<BitsUploadResult> running = job.RunAsync(new ProgressHandler(report => failures.Add(report.Failure?.Message)));
        await stream.Writing;
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        Assert.That(
            () => running,
            Throws.TypeOf<BitsUploadException>().With.Message.Contains("The last write to the stream has not ended yet."));
        Assert.That(failures.First(message => message is not null), Does.EndWith("the reply could not be written within 5 minutes."));
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "A write takes more steps there, and the test cannot see the last of them.")]
    public async Task An_abandoned_write_that_succeeded_is_part_of_the_reply()
    {
        using HangingStream stream = new() { IsSeekable = false };
        using FarmRig rig = new(Server());
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));
        Task<BitsUploadResult> running = job.RunAsync();
        await stream.Writing;
        Task suspending = job.SuspendAsync();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(1));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await suspending;
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        stream.Release();
        await stream.Written;
        await job.ResumeAsync();
        await running;
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    private sealed class HangingStream : MemoryStream
    {
        private readonly TaskCompletionSource _writing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsSeekable { get; init; } = true;

        public override bool CanSeek => IsSeekable;

        public Task Writing => _writing.Task;

        /// <summary>Completes shortly before the first write does.</summary>
        public Task Written => _written.Task;

        public void Release() => _release.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _writing.TrySetResult();
            await _release.Task;
            Write(buffer.Span);
            _written.TrySetResult();
        }
    }
}
