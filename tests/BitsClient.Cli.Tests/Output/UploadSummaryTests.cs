using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The line for a completed upload.</summary>
public sealed class UploadSummaryTests
{
    private const string Beginning = "Uploaded 'a.bin' to http://server/in/a.bin: ";

    [Test]
    public void It_contains_bytes_fragments_and_time() =>
        Assert.That(Of(Uploads.Finished()), Is.EqualTo(Beginning + "3000 bytes in 3 fragments, 1.3 s"));

    [Test]
    public void One_uses_the_singular() =>
        Assert.That(
            Of(Uploads.Finished() with { BytesTransferred = 1, Fragments = 1 }), Is.EqualTo(Beginning + "1 byte in 1 fragment, 1.3 s"));

    [Test]
    public void It_contains_the_reply_and_the_hash()
    {
        BitsUploadReply reply = new() { Url = new Uri("http://server/reply?key=sesame"), Length = 500, Path = "/files/reply.bin" };

        Assert.That(
            Of(Uploads.Finished() with { Reply = reply, Sha256 = "00ff" }),
            Is.EqualTo(Beginning + "3000 bytes in 3 fragments, reply of 500 bytes in '/files/reply.bin', SHA-256 00ff, 1.3 s"));
    }

    [Test]
    public void A_name_cannot_break_the_line() =>
        Assert.That(
            UploadSummary.Of("a\n\u001b[2J\u2028b", "http://server/", Uploads.Finished()),
            Does.StartWith("Uploaded 'a [2J b' to http://server/: "));

    [TestCase(0, "0 bytes")]
    [TestCase(1, "1 byte")]
    [TestCase(2, "2 bytes")]
    [TestCase(1234567, "1234567 bytes")]
    public void The_noun_matches_the_number(long number, string text) => Assert.That(UploadSummary.Count(number, "byte"), Is.EqualTo(text));

    private static string Of(BitsUploadResult result) => UploadSummary.Of("a.bin", "http://server/in/a.bin", result);
}
