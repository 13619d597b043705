using System.Net;
using BitsClient.Tests.Substitution;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace BitsClient.Tests.DocsExamples;

/// <summary>
/// The samples that replace the client with NSubstitute. The code between two markers also appears in a document, word for word.
/// </summary>
public sealed class SubstitutionExamples
{
    private static readonly Uri Url = new("http://server/reports/a.zip");

    [Test]
    public async Task An_upload_succeeds_and_reports_progress()
    {
        // <substitute-success>
        IBitsUploadClient client = Substitute.For<IBitsUploadClient>();
        client.UploadFileAsync("a.zip", Url, Arg.Any<IProgress<BitsUploadProgress>>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            call.Arg<IProgress<BitsUploadProgress>>()?.Report(new BitsUploadProgress
            {
                Status = BitsUploadStatus.Transferring,
                BytesAcknowledged = 500,
                BytesTotal = 1000,
                BytesSent = 500,
                BytesResent = 0,
                Session = 1,
                Attempt = 1,
                FragmentSize = 500,
                BytesPerSecond = 0,
            });
            return new BitsUploadResult
            {
                Url = Url,
                SessionId = "session-1",
                BytesTransferred = 1000,
                BytesResent = 0,
                Fragments = 2,
                Retries = 0,
                Elapsed = TimeSpan.FromSeconds(1),
            };
        });
        // </substitute-success>

        List<double> reports = [];
        BitsUploadResult result = await client.UploadFileAsync("a.zip", Url, new BitsProgress(p => reports.Add(p.Fraction)));
        Assert.That(reports, Is.EqualTo(new[] { 0.5 }));
        Assert.That(result.BytesTransferred, Is.EqualTo(1000));
    }

    [Test]
    public async Task An_upload_fails_and_its_session_is_canceled()
    {
        // <substitute-failure>
        BitsUploadCheckpoint checkpoint = new() { Url = Url, SessionId = "session-1", BytesAcknowledged = 1, BytesTotal = 3 };
        IBitsUploadJob job = Substitute.For<IBitsUploadJob>();
        job.RunAsync().ThrowsAsyncForAnyArgs(
            new BitsServerException("Refused.", HttpStatusCode.Conflict) { ErrorContext = 0x7, Checkpoint = checkpoint });

        IBitsUploadClient client = Substitute.For<IBitsUploadClient>();
        client.CreateJob(Arg.Any<BitsUploadSource>(), Url).Returns(job);
        client.CancelSessionAsync(checkpoint).Returns(BitsCancelOutcome.SessionCanceled);
        // </substitute-failure>

        ReportUploader uploader = new(client);
        Assert.That(await uploader.DeliverAsync([1, 2, 3], Url), Does.StartWith("the application refused it"));
        Assert.That(await uploader.GiveUpAsync(), Is.True);
        await client.Received(1).CancelSessionAsync(checkpoint);
    }

    [TestCase(BitsCancelOutcome.SessionCanceled)]
    [TestCase(BitsCancelOutcome.SessionKept)]
    [TestCase(BitsCancelOutcome.Unconfirmed)]
    public async Task An_upload_is_canceled(BitsCancelOutcome outcome)
    {
        // <substitute-cancel>
        IBitsUploadJob job = Substitute.For<IBitsUploadJob>();
        job.RunAsync().ThrowsAsyncForAnyArgs(new BitsUploadCanceledException(outcome));
        job.CancelAsync().Returns(outcome);
        // </substitute-cancel>

        IBitsUploadClient client = Substitute.For<IBitsUploadClient>();
        client.CreateJob(Arg.Any<BitsUploadSource>(), Url).Returns(job);
        Assert.That(await new ReportUploader(client).DeliverAsync([1, 2, 3], Url), Is.EqualTo($"canceled: {outcome}"));
        Assert.That(await job.CancelAsync(), Is.EqualTo(outcome));
    }

    [Test]
    public void Every_public_exception_can_be_thrown()
    {
        foreach (Exception exception in ExceptionConstructionTests.Exceptions)
        {
            IBitsUploadClient client = Substitute.For<IBitsUploadClient>();
            client.UploadFileAsync("a.zip", Url).ThrowsAsync(exception);
            Assert.That(() => client.UploadFileAsync("a.zip", Url), Throws.Exception.SameAs(exception));
        }
    }
}
