using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The JSON object that is written when an upload ends.</summary>
public sealed class UploadReportTests
{
    private const string Id = "3f2a0000-0000-4000-8000-000000000001";

    private static readonly UploadSubject Subject =
        new() { File = "a.bin", Url = "http://server/in/a.bin", Id = Uploads.Id, Session = "{s}" };

    [Test]
    public void A_completed_upload() => Assert.That(
        UploadReport.Of(Subject, Uploads.Id, Uploads.Finished()).ToJson(),
        Is.EqualTo(
            $$"""{"id":"{{Id}}","file":"a.bin","url":"http://server/in/a.bin","session":"{7df0354d-249b-430f-820d-3d2a9bef4931}","""
            + """
            "bytes":3000,"fragments":3,"retries":2,"resent":10,"outcome":"completed"}
            """));

    [Test]
    public void Its_hash_and_its_reply_without_the_query_of_the_url()
    {
        BitsUploadReply reply = new() { Url = new Uri("http://me:sesame@server/reply?key=sesame"), Length = 500, Path = "/files/ä'<.bin" };

        string json =
            UploadReport.Of(Subject, Uploads.Id, Uploads.Finished() with { Reply = reply, Sha256 = "00ff" }).ToJson();

        Assert.That(json, Does.EndWith(
            """
            "outcome":"completed","sha256":"00ff","reply":{"url":"http://server/reply","path":"/files/ä'<.bin","length":500}}
            """));
    }

    [Test]
    public void A_failure_has_a_one_line_error_and_all_keys() => Assert.That(
        UploadReport.Of(Subject, new ToolException("Two\nlines.")).ToJson(),
        Is.EqualTo(
            $$"""{"id":"{{Id}}","file":"a.bin","url":"http://server/in/a.bin","session":"{s}","bytes":null,"fragments":null,"""
            + """
            "retries":null,"resent":null,"outcome":"failed","error":"Two lines.","transient":false}
            """));

    [Test]
    public void Without_an_upload_its_keys_are_null() => Assert.That(
        UploadReport.Of(subject: null, new ToolException("No.")).ToJson(),
        Does.StartWith("""{"id":null,"file":null,"url":null,"session":null,"bytes":null,"""));

    [TestCase(409, null, "409", false)]
    [TestCase(507, "0x80070070", "507", false)]
    public async Task A_refusal_has_its_status_and_its_code(int status, string? code, string shown, bool transient)
    {
        using MemoryUpload upload = new();
        upload.Server.InjectEvery(BitsPacketNames.CreateSession, new BitsFault.Answer(status) { ErrorCode = code });

        string json = UploadReport.Of(Subject, await upload.FailureAsync()).ToJson();

        string errorCode = code is null ? "" : $"\"errorCode\":\"{code}\",";
        Assert.That(json, Does.EndWith($"\"status\":{shown},{errorCode}\"transient\":{(transient ? "true" : "false")}}}"));
    }

    [Test]
    public async Task An_upload_that_failed_after_retries_has_the_status_of_its_last_failure()
    {
        using MemoryUpload upload = new();
        BitsFault.Answer busy = new(503) { ErrorCode = "0x80070020", Headers = [new("Retry-After", "1")] };
        upload.Server.InjectEvery(BitsPacketNames.Fragment, busy);

        string json = UploadReport.Of(Subject, await upload.FailureAsync()).ToJson();

        Assert.That(json, Does.EndWith("""
            "status":503,"errorCode":"0x80070020","transient":true}
            """));
    }

    [TestCase(BitsSessionAction.CancelSession, "sessionCanceled")]
    [TestCase(BitsSessionAction.KeepSession, "sessionKept")]
    public async Task A_cancel_has_its_outcome_and_no_transient(BitsSessionAction action, string outcome)
    {
        using MemoryUpload upload = new(new BitsUploadOptions { OnCancellation = action });

        string json = UploadReport.Of(Subject, await upload.CancelInTheMiddleAsync()).ToJson();

        Assert.That(json, Does.Contain($"\"outcome\":\"{outcome}\",\"error\":\"").And.Not.Contain("transient").And.Not.Contain("status"));
    }
}
