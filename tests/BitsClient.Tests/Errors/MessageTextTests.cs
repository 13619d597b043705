using System.Net;
using BitsClient.Errors;

namespace BitsClient.Tests.Errors;

/// <summary>Failures as log messages describe them.</summary>
public sealed class MessageTextTests
{
    private static IEnumerable<TestCaseData> Failures()
    {
        yield return Case(new BitsServerException("m", HttpStatusCode.Forbidden), "the server answered 403");
        yield return Case(
            new BitsServerException("m", HttpStatusCode.InternalServerError) { ErrorCode = 0x80070005 },
            "the server answered 500 with 0x80070005");
        yield return Case(
            new BitsUploadException("m", new HttpRequestException(HttpRequestError.ConnectionError, "m")) { IsTransient = true },
            "there was no answer (ConnectionError)");
        yield return Case(
            new BitsUploadException("m", new OperationCanceledException()) { IsTransient = true },
            "there was no answer in time");
        yield return Case(new BitsUploadException("m", new IOException("m")), "BitsUploadException (IOException)");
        yield return Case(new BitsSourceChangedException("m"), "BitsSourceChangedException");

        static TestCaseData Case(Exception failure, string words) => new TestCaseData(failure, words).SetArgDisplayNames(words);
    }

    [TestCaseSource(nameof(Failures))]
    public void A_failure_is_described_without_its_message(Exception failure, string words) =>
        Assert.That(MessageText.Of(failure), Is.EqualTo(words));
}
