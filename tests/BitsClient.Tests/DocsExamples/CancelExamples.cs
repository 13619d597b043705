using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples that cancel. The code between two markers also appears in a document, word for word.</summary>
public sealed class CancelExamples
{
    private static readonly Uri Destination = new("http://server/uploads/report.zip");

    private BitsTestServer _server = null!;
    private HttpClient _http = null!;
    private TemporaryFile _file = null!;
    private BitsUploadClient _client = null!;

    [SetUp]
    public void SetUp()
    {
        _server = new BitsTestServer();
        _http = new HttpClient(_server.CreateHandler());
        _file = new TemporaryFile(UploadRig.Bytes(3_000_000), "report.zip");
        _client = new BitsUploadClient(_http, new BitsUploadOptions { FixedFragmentSize = 1_000_000 });
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
    public async Task A_job_is_canceled()
    {
        (BitsUploadClient client, string path, Uri url) = (_client, _file.Path, Destination);
        Task userPressesCancel = _server.HoldAck(BitsPacketNames.Fragment, 2).Reached;

        // <cancel-job>
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(path), url);
        Task<BitsUploadResult> running = job.RunAsync();

        await userPressesCancel;
        BitsCancelOutcome outcome = await job.CancelAsync();
        // </cancel-job>

        Assert.That(outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    [Test]
    public async Task An_unconfirmed_cancel_is_tried_again()
    {
        using CancellationTokenSource cancel = new();
        _server.Inject(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment, 2);
        Task upload = UploadOrEnd(cancel.Token);
        await gate.ReachedByAsync(upload);
        await cancel.CancelAsync();
        await upload;
        Assert.That(_server.Dialogue.Count(exchange => exchange.PacketType == BitsPacketNames.CancelSession), Is.EqualTo(2));
    }

    [Test]
    public async Task A_failed_upload_leaves_no_session()
    {
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await UploadOrEnd(CancellationToken.None);
        Assert.That(_server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Canceled));
    }

    [Test]
    public async Task A_session_is_canceled_after_a_restart()
    {
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        BitsUploadException failure = Assert.ThrowsAsync<BitsServerException>(() => _client.UploadFileAsync(_file.Path, Destination))!;
        (BitsUploadClient client, BitsUploadCheckpoint checkpoint) = (_client, failure.Checkpoint!);

        // <cancel-later>
        string json = checkpoint.ToJson();

        BitsUploadCheckpoint restored = BitsUploadCheckpoint.FromJson(json);
        BitsCancelOutcome outcome = await client.CancelSessionAsync(restored);
        // </cancel-later>

        Assert.That(restored, Is.EqualTo(checkpoint));
        Assert.That(outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    private async Task UploadOrEnd(CancellationToken cancellationToken)
    {
        (BitsUploadClient client, string path, Uri url) = (_client, _file.Path, Destination);

        // <cancel-token>
        try
        {
            await client.UploadFileAsync(path, url, cancellationToken: cancellationToken);
        }
        catch (BitsUploadCanceledException e) when (e.Checkpoint is not null)
        {
            // The token fired, but the server did not confirm the cancel. Try once more.
            await client.CancelSessionAsync(e.Checkpoint);
        }
        catch (BitsUploadException e) when (e.Checkpoint is not null)
        {
            // The upload failed, and its session is still open. It will not be resumed, so cancel it.
            BitsCancelOutcome outcome = await client.CancelSessionAsync(e.Checkpoint);
        }
        // </cancel-token>
    }
}
