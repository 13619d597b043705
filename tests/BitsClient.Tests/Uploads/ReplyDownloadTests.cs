using System.Net;
using System.Net.Http.Headers;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>What can happen to the download of a reply: interruptions, changes, silence, a reply that is too large.</summary>
public sealed class ReplyDownloadTests
{
    private static readonly byte[] Reply = UploadRig.Bytes(300_000);
    private static readonly TimeSpan NoProgressTimeout = TimeSpan.FromHours(1);

    private readonly TemporaryFile _folder = new([]);

    private string FilePath => Path.Combine(_folder.Folder, "reply.bin");

    [TearDown]
    public void Clean() => _folder.Dispose();

    [Test]
    public async Task After_an_interruption_the_rest_is_requested_if_the_reply_is_unchanged()
    {
        using FarmRig rig = Rig(Alteration.Break(after: 100_000), Alteration.Break(after: 50_000));
        await Download(rig);
        Assert.That(Gets(rig).Select(get => get.RequestHeader("Range")), Is.EqualTo(new[] { null, "bytes=100000-", "bytes=150000-" }));
        Assert.That(Gets(rig)[1].RequestHeader("If-Range"), Is.EqualTo(Gets(rig)[0].AnswerHeader("ETag")));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task Without_a_strong_ETag_the_rest_is_requested_by_Last_Modified([Values] bool weak)
    {
        using FarmRig rig = Rig(response =>
        {
            response.Headers.ETag = weak ? new EntityTagHeaderValue("\"1\"", isWeak: true) : null;
            Alteration.Break(after: 1000)(response);
        }, response => response.Headers.ETag = null);
        await Download(rig);
        Assert.That(Gets(rig)[1].RequestHeader("If-Range"), Is.EqualTo(Gets(rig)[0].AnswerHeader("Last-Modified")));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task Without_a_validator_or_a_length_the_download_starts_over([Values] bool lengthIsKnown)
    {
        using FarmRig rig = Rig(response =>
        {
            Alteration.Break(after: 1000)(response);
            response.Content.Headers.ContentLength = lengthIsKnown ? Reply.Length : null;
            if (lengthIsKnown)
            {
                response.Headers.ETag = null;
                response.Content.Headers.LastModified = null;
            }
        });
        await Download(rig);
        Assert.That(Gets(rig).Select(get => get.RequestHeader("Range")), Is.All.Null);
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_changed_reply_starts_over_when_the_server_sends_all_of_it()
    {
        using FarmRig rig = Rig(response =>
        {
            Alteration.Replace(response, new byte[500_000]);
            response.Headers.ETag = new EntityTagHeaderValue("\"older\"");
            Alteration.Break(after: 400_000)(response);
        });
        await Download(rig);
        Assert.That(Gets(rig)[1].RequestHeader("If-Range"), Is.EqualTo("\"older\""));
        Assert.That(Gets(rig)[1].Status, Is.EqualTo(200), "the server sends the whole current reply");
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [TestCase("ETag")]
    [TestCase("Last-Modified")]
    [TestCase("length")]
    [TestCase("start")]
    [TestCase("no range")]
    public async Task The_rest_of_another_reply_is_discarded(string what)
    {
        using FarmRig rig = Rig(Alteration.Break(after: 1000), response =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            HttpContentHeaders content = response.Content.Headers;
            switch (what)
            {
                case "ETag":
                    response.Headers.ETag = new EntityTagHeaderValue("\"newer\"");
                    break;
                case "Last-Modified":
                    content.LastModified = content.LastModified!.Value.AddHours(1);
                    break;
                case "length":
                    content.ContentRange = new ContentRangeHeaderValue(1000, Reply.Length, Reply.Length + 1);
                    break;
                case "start":
                    content.ContentRange = new ContentRangeHeaderValue(999, Reply.Length - 1, Reply.Length);
                    break;
                default:
                    content.ContentRange = null;
                    break;
            }
        });
        await Download(rig);
        Assert.That(Gets(rig).Select(get => get.RequestHeader("Range")), Is.EqualTo(new[] { null, "bytes=1000-", null }));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_416_for_the_rest_starts_the_download_over()
    {
        using FarmRig rig = Rig(
            Alteration.Break(after: 1000), response => response.StatusCode = HttpStatusCode.RequestedRangeNotSatisfiable);
        await Download(rig);
        Assert.That(Gets(rig), Has.Length.EqualTo(3));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task Only_a_seekable_stream_can_start_over_at_its_first_position([Values] bool canSeek)
    {
        using MemoryStream stream = canSeek ? new MemoryStream() : new OneWay();
        stream.WriteByte(7);
        using FarmRig rig = Rig(Alteration.Break(after: 1000), response => response.Headers.ETag = new EntityTagHeaderValue("\"newer\""));
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));
        if (canSeek)
        {
            await job.RunAsync();
            Assert.That(stream.ToArray(), Is.EqualTo(Reply.Prepend((byte)7)));
        }
        else
        {
            Assert.That(
                () => job.RunAsync(),
                Throws.TypeOf<BitsUploadException>()
                    .With.Message.Contains("cannot seek")
                    .And.Matches<BitsUploadException>(e => !e.IsTransient));
        }
    }

    [Test]
    public async Task A_stream_that_cannot_seek_gets_the_rest_after_an_interruption()
    {
        using OneWay stream = new();
        using FarmRig rig = Rig(Alteration.Break(after: 1000));
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        await job.RunAsync();
        Assert.That(stream.ToArray(), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_body_that_ends_early_is_not_a_complete_reply()
    {
        using FarmRig rig = Rig(response =>
        {
            Alteration.Replace(response, Reply[..1000]);
            response.Content.Headers.ContentLength = Reply.Length;
        });
        await Download(rig);
        Assert.That(Gets(rig)[1].RequestHeader("Range"), Is.EqualTo("bytes=1000-"));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task Progress_resets_the_retry_count()
    {
        using FarmRig rig = Rig([.. Enumerable.Repeat(Alteration.Break(after: 1000), 20)]);
        await Download(rig);
        Assert.That(Gets(rig), Has.Length.EqualTo(21));
    }

    [Test]
    public async Task Progress_resets_NoProgressTimeout()
    {
        TimeSpan silence = new BitsUploadOptions().StallTimeout;
        TaskCompletionSource[] silent =
            [.. Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        using FarmRig rig = Rig(
            new BitsUploadOptions { NoProgressTimeout = silence * 1.5 },
            [.. silent.Select(reached => Alteration.Silence(after: 70_000, reached))]);
        Task download = Download(rig);
        foreach (TaskCompletionSource reached in silent)
        {
            await Task.WhenAny(reached.Task, download);
            rig.Time.Advance(silence);
        }

        await download;
        Assert.That(Gets(rig), Has.Length.EqualTo(4));
    }

    [TestCase(64 * 1024, true)]
    [TestCase((64 * 1024) - 1, false)]
    public async Task A_download_makes_progress_with_every_64_KiB(int bytes, bool isProgress)
    {
        BitsUploadOptions options = new() { NoProgressTimeout = NoProgressTimeout };
        TaskCompletionSource[] silent = [Signal(), Signal()];
        using FarmRig rig = Rig(options, Alteration.Silence(1000, silent[0]), Alteration.Silence(bytes - 1000, silent[1]));
        Task download = Download(rig);
        Assert.That(await HasProgressedAsync(rig, silent, download), Is.EqualTo(isProgress));
    }

    [Test]
    public async Task The_progress_of_a_download_is_counted_anew_if_another_session_has_another_reply()
    {
        BitsUploadOptions options = new() { NoProgressTimeout = NoProgressTimeout, OnFailure = BitsSessionAction.CancelSession };
        TaskCompletionSource[] silent = [Signal(), Signal()];
        using FarmRig rig = Rig(
            options, Alteration.Break(after: 200_000), response => response.StatusCode = HttpStatusCode.Forbidden,
            Alteration.Silence(1000, silent[0]), Alteration.Silence(70_000, silent[1]));
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(FilePath));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(await HasProgressedAsync(rig, silent, job.RunAsync()), Is.True);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_download_without_progress_fails_and_leaves_the_session_but_no_file()
    {
        using FarmRig rig = Rig([Alteration.Break(after: 1000), .. Enumerable.Repeat(Alteration.Break(after: 0), 10)]);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => Download(rig))!;
        Assert.That(Gets(rig), Has.Length.EqualTo(6), "five retries since the last progress");
        Assert.That(e.Message, Does.Contain("GET to http://bits.test/upload/BITS-Sessions/").And.Contain("was interrupted"));
        Assert.That(e.PacketType, Is.EqualTo(BitsPacketType.GetReply));
        Assert.That(e.Checkpoint!.ReplyUrl, Is.EqualTo(e.Url));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.Path }));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [TestCase(404)]
    [TestCase(403)]
    public async Task A_refusal_is_reported_and_the_job_can_be_run_again(int status)
    {
        using FarmRig rig = Rig(response => response.StatusCode = (HttpStatusCode)status);
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(FilePath));
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That((int)e.StatusCode, Is.EqualTo(status));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.Path }));
        await job.RunAsync();
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
        Assert.That(
            rig.Requests.Count(attempt => attempt.EndsWith("Fragment", StringComparison.Ordinal)),
            Is.EqualTo(3),
            "nothing is uploaded again");
    }

    [Test]
    public void A_failure_cancels_the_session_when_OnFailure_says_so()
    {
        using FarmRig rig = Rig(
            new BitsUploadOptions { OnFailure = BitsSessionAction.CancelSession, CancelTimeout = TimeSpan.FromHours(1) },
            response => response.StatusCode = HttpStatusCode.NotFound);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(() => Download(rig))!;
        Assert.That(e.Checkpoint, Is.Null);
        Assert.That(rig.Requests[^1], Is.EqualTo("bits.test Cancel-Session"));
    }

    [Test]
    public void A_reply_over_MaxReplySize_is_refused_by_its_header_and_by_its_count([Values] bool lengthIsKnown)
    {
        BitsUploadOptions options = new() { MaxReplySize = Reply.Length - 1 };

        // If the header states the length, no byte of the body is read: it would break.
        using FarmRig rig = Rig(options, lengthIsKnown ? Alteration.Break(after: 0) : Alteration.HideLength);
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => Download(rig))!;
        Assert.That(e.Message, Does.Contain("MaxReplySize allows 299999"));
        Assert.That(Gets(rig), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.Path }));
    }

    [Test]
    public async Task A_reply_as_large_as_MaxReplySize_is_accepted([Values] bool lengthIsKnown)
    {
        using FarmRig rig = Rig(new BitsUploadOptions { MaxReplySize = Reply.Length }, response =>
        {
            if (!lengthIsKnown)
            {
                Alteration.HideLength(response);
            }
        });
        await Download(rig);
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public async Task A_silent_download_is_retried()
    {
        BitsUploadOptions options = new() { StallTimeout = TimeSpan.FromMinutes(2), ResponseTimeout = TimeSpan.FromMinutes(5) };
        TaskCompletionSource silent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FarmRig rig = Rig(options, Alteration.Silence(after: 1000, silent));
        Task download = Download(rig);
        await Task.WhenAny(silent.Task, download);
        rig.Time.Advance(TimeSpan.FromMinutes(2));
        await download;
        Assert.That(Gets(rig)[1].RequestHeader("Range"), Is.EqualTo("bytes=1000-"));
        Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(Reply));
    }

    [Test]
    public void A_reply_from_a_redirect_that_a_handler_followed_is_refused()
    {
        using FarmRig rig = Rig(response => response.RequestMessage!.RequestUri = new Uri("http://evil.test/reply.bin"));
        BitsProtocolException e = Assert.ThrowsAsync<BitsProtocolException>(() => Download(rig))!;
        Assert.That(e.Message, Does.Contain("redirect to http://evil.test/reply.bin"));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.Path }));
    }

    [Test]
    public void A_target_that_cannot_be_written_is_not_a_network_failure()
    {
        using FarmRig rig = Rig();
        string path = Path.Combine(_folder.Folder, "sub", "reply.bin");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        BitsReplyTarget target = BitsReplyTarget.ToFile(path);
        Directory.Delete(Path.GetDirectoryName(path)!);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(async () =>
        {
            await using IBitsUploadJob job = rig.CreateJob(reply: target);
            await job.RunAsync();
        })!;
        Assert.That(e.Message, Does.Contain("the reply could not be written"));
        Assert.That(e.InnerException, Is.TypeOf<DirectoryNotFoundException>());
        Assert.That(Gets(rig), Has.Length.EqualTo(1), "it is not tried again");
    }

    [Test]
    public async Task A_reply_that_cannot_replace_its_target_leaves_nothing_behind_and_the_job_can_be_run_again()
    {
        using FarmRig rig = Rig();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(FilePath));
        Directory.CreateDirectory(FilePath);
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsUploadException>().With.Message.Contains("the reply could not be written"));
        Assert.That(Directory.GetFiles(_folder.Folder), Is.EqualTo(new[] { _folder.Path }));

        Directory.Delete(FilePath);
        await job.RunAsync();
        Assert.That(await File.ReadAllBytesAsync(FilePath), Is.EqualTo(Reply));
        Assert.That(Directory.GetFiles(_folder.Folder), Has.Length.EqualTo(2));
    }

    private static FarmRig Rig(params Action<HttpResponseMessage>[] changes) => Rig(new BitsUploadOptions(), changes);

    private static FarmRig Rig(BitsUploadOptions options, params Action<HttpResponseMessage>[] changes)
    {
        options.FixedFragmentSize = 1000;
        FarmRig rig = new(new BitsTestServerOptions { Reply = _ => Reply }, options, Alteration.OfReplies(changes));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        return rig;
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Whether the second of two downloads, which both end in silence, has started NoProgressTimeout over, which runs since the first.
    private static async Task<bool> HasProgressedAsync(FarmRig rig, TaskCompletionSource[] silent, Task download)
    {
        TimeSpan stallTimeout = new BitsUploadOptions().StallTimeout;
        await Task.WhenAny(silent[0].Task, download);
        rig.Time.Advance(stallTimeout);
        await Task.WhenAny(silent[1].Task, download);
        bool hasProgressed = rig.Time.WhenArmed(NoProgressTimeout).IsCompleted;
        rig.Time.Advance(stallTimeout);
        await download;
        return hasProgressed;
    }

    private static BitsExchange[] Gets(FarmRig rig) => [.. rig.Server.Dialogue.Where(exchange => exchange.Method == "GET")];

    private async Task Download(FarmRig rig)
    {
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToFile(FilePath));
        await job.RunAsync();
    }

    private sealed class OneWay : MemoryStream
    {
        public override bool CanSeek => false;
    }
}
