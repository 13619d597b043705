using BitsClient.Cli.Queue;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Queue;

/// <summary>The client of 'queue run': a client for each origin, so that none gets the password of another.</summary>
public sealed class ClientPerOriginTests
{
    [Test]
    public async Task Uploads_to_the_same_origin_share_a_client_and_each_other_origin_has_its_own()
    {
        using BitsTestServer server = new();
        List<string> opened = [];
        using ClientPerOrigin client = new(
            url =>
            {
                opened.Add(url.GetLeftPart(UriPartial.Authority));
                return new HttpClient(server.CreateHandler());
            },
            (http, _) => new BitsUploadClient(http));

        string[] urls = ["http://a.test/1", "http://a.test/2", "https://a.test/3", "http://a.test:81/4", "http://b.test/5"];
        foreach (string url in urls)
        {
            using BitsUploadSource source = BitsUploadSource.FromMemory(new byte[10], "a.bin");
            await using IBitsUploadJob job = client.CreateJob(source, new Uri(url));
        }

        Assert.That(opened, Is.EqualTo((string[])["http://a.test", "https://a.test", "http://a.test:81", "http://b.test"]));
    }

    [Test]
    public async Task A_session_is_resumed_and_canceled_with_the_client_of_its_origin()
    {
        using BitsTestServer server = new();
        List<string> opened = [];
        using ClientPerOrigin client = new(
            url =>
            {
                opened.Add(url.Host);
                return new HttpClient(server.CreateHandler());
            },
            (http, _) => new BitsUploadClient(http));
        using BitsUploadSource source = BitsUploadSource.FromMemory(new byte[10], "a.bin");
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = new Uri("http://b.test/a.bin"),
            SessionId = "some",
            BytesAcknowledged = 0,
            BytesTotal = 10,
        };

        BitsCancelOutcome outcome = await client.CancelSessionAsync(checkpoint);
        await using IBitsUploadJob job = client.ResumeJob(checkpoint, source);

        Assert.That(outcome, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That((opened.Single(), job.SessionId), Is.EqualTo(("b.test", "some")));
    }
}
