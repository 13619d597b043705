using System.Security.Cryptography;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Persistence;

/// <summary>An upload of the same file to the same URL continues the one that the checkpoint store has.</summary>
public sealed class ResumeExistingTests
{
    private static readonly Uri Other = new("http://bits.test/upload/other.bin");

    private DirectoryInfo _folder = null!;
    private BitsFileCheckpointStore _store = null!;

    [SetUp]
    public void MakeStore()
    {
        _folder = Directory.CreateTempSubdirectory("bitsclient-existing-");
        _store = new BitsFileCheckpointStore(Path.Combine(_folder.FullName, "state"));
    }

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Test]
    public async Task A_second_upload_continues_the_session_of_the_first_and_logs_that()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        Guid id = await FailAsync(rig, file);

        BitsUploadResult result = await rig.Client.UploadFileAsync(file.Path, UploadRig.Url);

        Assert.That(result.Sha256, Is.Null, "it was not requested");
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
        Assert.That(await _store.ListAsync(), Is.Empty);
        AssertLogged(
            rig, LogLevel.Information,
            $"The upload {id} to http://bits.test/upload/file.bin continues; 1000 of 10000 bytes were acknowledged before.");
    }

    [Test]
    public async Task A_job_that_continues_an_upload_has_its_id_and_its_checkpoint()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        Guid id = await FailAsync(rig, file);

        await using IBitsUploadJob job = await rig.Client.CreateOrResumeJobAsync(BitsUploadSource.FromFile(file.Path), UploadRig.Url);

        Assert.That(job.Id, Is.EqualTo(id));
        Assert.That(job.Checkpoint!.BytesAcknowledged, Is.EqualTo(1000));
    }

    [Test]
    public async Task Without_ResumeExisting_a_new_upload_begins()
    {
        BitsUploadOptions options = Options();
        options.ResumeExisting = false;
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        await FailAsync(rig, file);
        await rig.Client.UploadFileAsync(file.Path, UploadRig.Url);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(await _store.ListAsync(), Has.Count.EqualTo(1), "the first upload can still be resumed");
    }

    [Test]
    public async Task Another_file_another_URL_or_a_reply_is_another_upload()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        using TemporaryFile copy = new(rig.File);
        await FailAsync(rig, file);
        await rig.Client.UploadFileAsync(copy.Path, UploadRig.Url);
        await rig.Client.UploadFileAsync(file.Path, Other);
        await using (IBitsUploadJob job = await rig.Client.CreateOrResumeJobAsync(
            BitsUploadSource.FromFile(file.Path), UploadRig.Url, BitsReplyTarget.ToStream(new MemoryStream())))
        {
            Assert.That(job.Checkpoint, Is.Null);
        }

        await using (IBitsUploadJob job = await rig.Client.CreateOrResumeJobAsync(BitsUploadSource.FromMemory(rig.File), UploadRig.Url))
        {
            Assert.That(job.Checkpoint, Is.Null, "memory has no path");
        }

        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(3));
        Assert.That(await _store.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    [Platform("Linux")]
    public async Task A_file_whose_name_differs_only_in_case_is_another_upload()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        await FailAsync(rig, file);
        string upper = Path.Combine(file.Folder, Path.GetFileName(file.Path).ToUpperInvariant());
        File.Copy(file.Path, upper);
        await rig.Client.UploadFileAsync(upper, UploadRig.Url);
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
    }

    [TestCase(10_000)]
    [TestCase(700)]
    [TestCase(20_000)]
    public async Task A_file_that_has_changed_is_uploaded_anew_and_its_session_is_canceled_first(int length)
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        Guid id = await FailAsync(rig, file);
        byte[] changed = [.. Enumerable.Reverse(UploadRig.Bytes(length))];
        Change(file, changed);

        await rig.Client.UploadFileAsync(file.Path, UploadRig.Url);

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(changed));
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EqualTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Closed }));
        Assert.That(await _store.ListAsync(), Is.Empty);
        AssertLogged(rig, LogLevel.Warning, $"The source of the upload {id} to http://bits.test/upload/file.bin has changed: ");
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task Bytes_that_changed_without_a_trace_are_found_by_the_hash_and_uploaded_anew()
    {
        BitsUploadOptions options = Options();
        options.ComputeSha256 = true;
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        DateTime time = File.GetLastWriteTimeUtc(file.Path);
        Guid id = await FailAsync(rig, file);
        byte[] changed = [.. rig.File];
        changed[5]++;
        Change(file, changed);
        File.SetLastWriteTimeUtc(file.Path, time);

        BitsUploadResult result = await rig.Client.UploadFileAsync(file.Path, UploadRig.Url);

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(changed));
        Assert.That(result.Sha256, Is.EqualTo(Convert.ToHexString(SHA256.HashData(changed)).ToLowerInvariant()));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        AssertLogged(
            rig, LogLevel.Warning,
            $"The source of the upload {id} to http://bits.test/upload/file.bin has changed: bytes that were already sent have changed.");
    }

    [Test]
    public async Task A_changed_file_whose_upload_fails_again_leaves_one_checkpoint_of_the_new_bytes()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        Guid id = await FailAsync(rig, file);
        Change(file, UploadRig.Bytes(20_000));

        Assert.That(await FailAsync(rig, file), Is.EqualTo(id));

        BitsUploadCheckpoint checkpoint = (await _store.LoadAsync(id))!;
        Assert.That((checkpoint.BytesTotal, checkpoint.BytesAcknowledged), Is.EqualTo((20_000L, 1000L)));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task What_may_be_stored_of_the_earlier_bytes_says_nothing_of_the_new_ones()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        rig.Server.Inject(BitsPacketNames.CloseSession, new BitsFault.Answer(501));
        BitsServerException first = Assert.ThrowsAsync<BitsServerException>(
            () => rig.Client.UploadFileAsync(file.Path, UploadRig.Url))!;
        Assert.That(first.MayBeComplete, Is.True);
        Change(file, UploadRig.Bytes(20_000));
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));

        BitsServerException second = Assert.ThrowsAsync<BitsServerException>(
            () => rig.Client.UploadFileAsync(file.Path, UploadRig.Url))!;

        Assert.That(second.MayBeComplete, Is.False);
        await rig.Server.WhenSettledAsync();
    }

    [Test]
    public async Task A_store_that_hangs_is_given_up_after_30_seconds_or_when_the_token_fires()
    {
        BitsUploadOptions options = Options();
        using HangingStore store = new();
        options.CheckpointStore = store;
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        Task armed = rig.Time.WhenArmed(TimeSpan.FromSeconds(30));
        Task<BitsUploadResult> uploading = rig.Client.UploadFileAsync(file.Path, UploadRig.Url);
        await armed;
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(() => uploading, Throws.TypeOf<IOException>().With.Message.Contains("did not list its uploads within 30 seconds"));

        using CancellationTokenSource stop = new();
        Task<IReadOnlyList<BitsResumedUpload>> resuming = rig.Client.ResumeAllAsync(cancellationToken: stop.Token);
        await stop.CancelAsync();
        Assert.That(() => resuming, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task An_upload_that_is_running_elsewhere_is_not_begun_a_second_time()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        await FailAsync(rig, file);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        Task<BitsUploadResult> first = rig.Client.UploadFileAsync(file.Path, UploadRig.Url);
        await gate.ReachedByAsync(first);
        Assert.That(() => rig.Client.UploadFileAsync(file.Path, UploadRig.Url), Throws.TypeOf<BitsUploadLockedException>());
        gate.Release();
        await first;
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task All_uploads_are_resumed_and_one_that_fails_stops_no_other()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        using TemporaryFile lost = new(rig.File);
        using TemporaryFile changed = new(rig.File);
        await FailAsync(rig, lost, new Uri("http://bits.test/upload/lost.bin"));
        await FailAsync(rig, file);
        await FailAsync(rig, changed, Other);
        File.Delete(lost.Path);
        Change(changed, rig.File[..5000]);
        await File.WriteAllTextAsync(Path.Combine(_store.Folder, $"{Guid.NewGuid()}.json"), "damaged");

        IReadOnlyList<BitsResumedUpload> uploads = await rig.Client.ResumeAllAsync();

        Assert.That(
            uploads.Select(upload => upload.Result?.BytesTransferred), Is.EquivalentTo(new long?[] { null, 10_000, 5000, null }));
        Assert.That(
            uploads.Select(upload => upload.Error?.GetType()),
            Is.EquivalentTo(new[] { null, null, typeof(FileNotFoundException), typeof(InvalidDataException) }));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.GetFile("/upload/other.bin"), Is.EqualTo(rig.File[..5000]));
        Assert.That(await _store.ListAsync(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Two_uploads_of_the_same_file_to_the_same_URL_are_both_resumed()
    {
        BitsUploadOptions options = Options();
        options.ResumeExisting = false;
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        await FailAsync(rig, file);
        await FailAsync(rig, file);

        IReadOnlyList<BitsResumedUpload> uploads = await rig.Client.ResumeAllAsync();

        Assert.That(uploads.Select(upload => upload.Result?.BytesTransferred), Is.EqualTo(new long?[] { 10_000, 10_000 }));
        Assert.That(rig.Server.Sessions.Select(session => session.State), Is.All.EqualTo(BitsTestSessionState.Closed));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(2));
        Assert.That(await _store.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task An_upload_that_another_run_has_completed_since_it_was_listed_is_not_uploaded_again([Values] bool isChanged)
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        await FailAsync(rig, file);
        BitsUploadCheckpoint listed = (await _store.ListAsync()).Single().Checkpoint!;
        await rig.Client.UploadFileAsync(file.Path, UploadRig.Url);
        int packets = rig.Server.Dialogue.Count;
        if (isChanged)
        {
            Change(file, UploadRig.Bytes(20_000));
        }

        await using IBitsUploadJob job = await rig.Client.CreateOrResumeJobAsync(listed);

        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Message, Does.Contain("no longer in the checkpoint store"));
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Store));
        Assert.That(rig.Server.Dialogue, Has.Count.EqualTo(packets));
    }

    [Test]
    public async Task A_job_of_a_listed_upload_that_failed_can_be_run_again()
    {
        BitsUploadOptions options = Options();
        options.OnFailure = BitsSessionAction.CancelSession;
        using UploadRig rig = new(options: Options());
        using HttpClient http = new(rig.Server.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient canceling = new(http, options);
        using TemporaryFile file = new(rig.File);
        await FailAsync(rig, file);
        await using IBitsUploadJob job = await canceling.CreateOrResumeJobAsync((await _store.ListAsync()).Single().Checkpoint!);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(await _store.ListAsync(), Is.Empty);
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task A_token_that_fires_during_the_search_means_that_nothing_was_started()
    {
        BitsUploadOptions options = Options();
        using HangingStore store = new();
        options.CheckpointStore = store;
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        using CancellationTokenSource stop = new();
        Task<BitsUploadResult> uploading = rig.Client.UploadFileAsync(file.Path, UploadRig.Url, cancellationToken: stop.Token);
        await stop.CancelAsync();
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(() => uploading)!;
        Assert.That((e.Outcome, e.Checkpoint, e.CancellationToken), Is.EqualTo(
            (BitsCancelOutcome.NotStarted, (BitsUploadCheckpoint?)null, stop.Token)));
    }

    [Test]
    public async Task A_token_that_fires_while_the_hash_is_compared_keeps_the_session()
    {
        BitsUploadOptions options = Options();
        options.ComputeSha256 = true;
        using UploadRig rig = new(options: options);
        using TemporaryFile file = new(rig.File);
        Guid id = await FailAsync(rig, file);
        BitsUploadCheckpoint checkpoint = (await _store.LoadAsync(id))!;
        BitsUploadCanceledException e = Assert.ThrowsAsync<BitsUploadCanceledException>(
            () => rig.Client.CreateOrResumeJobAsync(checkpoint, cancellationToken: new CancellationToken(canceled: true)))!;
        Assert.That((e.Outcome, e.Checkpoint?.Id), Is.EqualTo((BitsCancelOutcome.SessionKept, (Guid?)id)));
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task A_reply_that_the_checkpoint_does_not_expect_is_refused_and_disposed()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        BitsUploadCheckpoint checkpoint = (await _store.LoadAsync(await FailAsync(rig, file)))!;
        MemoryStream reply = new();
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(checkpoint, reply: BitsReplyTarget.ToStream(reply)), Throws.ArgumentException);
        Assert.That(reply.CanWrite, Is.False);
    }

    [Test]
    public async Task A_token_stops_the_upload_that_is_being_resumed_and_the_others_stay()
    {
        using UploadRig rig = new(options: Options());
        using TemporaryFile file = new(rig.File);
        using TemporaryFile second = new(rig.File);
        await FailAsync(rig, file);
        await FailAsync(rig, second, Other);
        using CancellationTokenSource stop = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment);
        Task<IReadOnlyList<BitsResumedUpload>> resuming = rig.Client.ResumeAllAsync(cancellationToken: stop.Token);
        await gate.ReachedByAsync(resuming);
        await stop.CancelAsync();
        gate.Release();
        Assert.That(() => resuming, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(await _store.ListAsync(), Has.Count.EqualTo(1));
        Assert.That(
            rig.Server.Sessions.Select(session => session.State),
            Is.EquivalentTo(new[] { BitsTestSessionState.Canceled, BitsTestSessionState.Open }));
    }

    [Test]
    public async Task An_upload_without_a_path_is_told_so()
    {
        using UploadRig rig = new(options: Options());
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Assert.That(
            () => rig.Client.UploadAsync(BitsUploadSource.FromMemory(rig.File), UploadRig.Url), Throws.TypeOf<BitsServerException>());
        BitsResumedUpload upload = (await rig.Client.ResumeAllAsync()).Single();
        Assert.That(upload.Error!.Message, Does.Contain("does not contain the path of a file").And.Contain("specify its source"));
    }

    [Test]
    public void Without_a_store_there_is_nothing_to_resume()
    {
        using UploadRig rig = new();
        Assert.That(() => rig.Client.ResumeAllAsync(), Throws.InvalidOperationException.With.Message.Contains("CheckpointStore"));
    }

    private static void AssertLogged(UploadRig rig, LogLevel level, string text) =>
        Assert.That(rig.Logs.Entries.Where(entry => entry.Level == level).Select(entry => entry.Text), Has.Some.StartsWith(text));

    private static void Change(TemporaryFile file, byte[] bytes)
    {
        DateTime before = File.GetLastWriteTimeUtc(file.Path);
        File.WriteAllBytes(file.Path, bytes);
        File.SetLastWriteTimeUtc(file.Path, before.AddMinutes(1));
    }

    // Uploads one fragment, fails at the next one, and keeps the session. Returns the id of the upload.
    private static async Task<Guid> FailAsync(UploadRig rig, TemporaryFile file, Uri? url = null)
    {
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(
            () => rig.Client.UploadFileAsync(file.Path, url ?? UploadRig.Url))!;
        await rig.Server.WhenSettledAsync();
        return e.Checkpoint!.Id;
    }

    private BitsUploadOptions Options() => new() { FixedFragmentSize = 1000, CheckpointStore = _store };
}
