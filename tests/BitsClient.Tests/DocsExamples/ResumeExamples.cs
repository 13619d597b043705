using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.DocsExamples;

/// <summary>
/// The samples that suspend uploads, and resume them after a restart. The code between two markers also appears in a document, word for
/// word.
/// </summary>
public sealed class ResumeExamples
{
    private static readonly Uri Destination = new("http://server/uploads/report.zip");

    private BitsTestServer _server = null!;
    private HttpClient _http = null!;
    private TemporaryFile _file = null!;
    private string _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _server = new BitsTestServer();
        _http = new HttpClient(_server.CreateHandler());
        _file = new TemporaryFile(UploadRig.Bytes(3_000_000), "report.zip");
        _folder = Path.Combine(_file.Folder, "uploads");
    }

    [TearDown]
    public void TearDown()
    {
        Assert.That(_server.OpenSessionCount, Is.Zero);
        _http.Dispose();
        _server.Dispose();
        _file.Dispose();
    }

    [Test]
    public async Task A_job_is_suspended_and_resumed()
    {
        BitsUploadClient client = new(_http);
        (string path, Uri url) = (_file.Path, Destination);
        Task lidCloses = _server.HoldBody(2, 1000).Reached;

        // <suspend>
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(path), url);
        Task<BitsUploadResult> running = job.RunAsync();

        await lidCloses;
        await job.SuspendAsync();    // the server keeps the session, and 'running' stays pending
        await job.ResumeAsync();     // continues at the server's offset
        BitsUploadResult result = await running;
        // </suspend>

        Assert.That(result.BytesTransferred, Is.EqualTo(3_000_000));
    }

    [Test]
    public async Task An_upload_is_resumed_after_a_restart()
    {
        string folder = _folder;
        HttpClient http = _http;
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);

        // <store>
        BitsFileCheckpointStore store = new(folder);
        BitsUploadClient client = new(http, new BitsUploadOptions { CheckpointStore = store });
        // </store>

        Assert.That(() => client.UploadFileAsync(_file.Path, Destination), Throws.TypeOf<BitsServerException>());

        // <resume-saved>
        foreach (BitsResumedUpload upload in await client.ResumeAllAsync())
        {
            if (upload.Error is { } error)
            {
                Console.WriteLine($"{upload.Stored.Location}: {error.Message}");    // no file, another process runs the upload, ...
            }
        }
        // </resume-saved>

        Assert.That(_server.GetFile("/uploads/report.zip"), Is.EqualTo(UploadRig.Bytes(3_000_000)));
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
        Assert.That(await store.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task The_same_call_continues_the_upload()
    {
        (string path, Uri url) = (_file.Path, Destination);
        BitsUploadClient client = new(_http, new BitsUploadOptions { CheckpointStore = new BitsFileCheckpointStore(_folder) });
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Assert.That(() => client.UploadFileAsync(path, url), Throws.TypeOf<BitsServerException>());

        // <continue>
        await client.UploadFileAsync(path, url);    // continues where the last one ended, also in another process
        // </continue>

        Assert.That(_server.GetFile("/uploads/report.zip"), Is.EqualTo(UploadRig.Bytes(3_000_000)));
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Uploads_of_a_terminated_process_are_cleaned_up()
    {
        BitsFileCheckpointStore store = new(_folder);
        BitsUploadClient client = new(_http, new BitsUploadOptions { CheckpointStore = store });
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Assert.That(() => client.UploadFileAsync(_file.Path, Destination), Throws.TypeOf<BitsServerException>());

        // <cancel-saved>
        foreach (BitsStoredCheckpoint stored in await store.ListAsync())
        {
            if (stored.Checkpoint is { } checkpoint)
            {
                BitsCancelOutcome outcome = await client.CancelSessionAsync(checkpoint);    // also deletes the checkpoint
                Console.WriteLine($"{checkpoint}: {outcome}");
            }
        }
        // </cancel-saved>

        Assert.That(await store.ListAsync(), Is.Empty);
        Assert.That(_server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Canceled));
    }
}
