using System.Security.Cryptography;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.DocsExamples;

/// <summary>The samples that receive a reply. The code between two markers also appears in a document, word for word.</summary>
public sealed class ReplyExamples
{
    private static readonly byte[] Request = UploadRig.Bytes(3000);

    [Test]
    public async Task A_reply_is_asked_for()
    {
        using TemporaryFile file = new(Request, "request.bin");
        (string path, string replyPath) = (file.Path, Path.Combine(file.Folder, "reply.bin"));
        using BitsTestServer server = new(new BitsTestServerOptions { Reply = _ => Request });
        using HttpClient http = new(server.CreateHandler());
        (BitsUploadClient client, Uri url) = (new BitsUploadClient(http), new Uri("http://any.name/hashes/request.bin"));

        // <ask-for-reply>
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromFile(path), url, BitsReplyTarget.ToFile(replyPath));
        BitsUploadResult result = await job.RunAsync();

        Console.WriteLine($"The server replied with {result.Reply!.Length} bytes, saved as {result.Reply.Path}.");
        // </ask-for-reply>

        Assert.That(await File.ReadAllBytesAsync(replyPath), Is.EqualTo(Request));
        Assert.That(server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_request_is_uploaded_and_its_reply_saved()
    {
        using TemporaryFile file = new(Request, "request.bin");
        (string requestPath, string replyPath) = (file.Path, Path.Combine(file.Folder, "reply.bin"));

        // <reply>
        // In this dialect, the file is at its destination before the reply is created.
        BitsTestServer server = null!;
        server = new BitsTestServer(new BitsTestServerOptions
        {
            Dialect = BitsServerDialect.Win32,
            Reply = session => SHA256.HashData(server.GetFile(session.Path)),
        });

        using HttpClient http = new(server.CreateHandler());
        await using IBitsUploadJob job = new BitsUploadClient(http).CreateJob(
            BitsUploadSource.FromFile(requestPath), new Uri("http://any.name/hashes/request.bin"), BitsReplyTarget.ToFile(replyPath));
        BitsUploadResult result = await job.RunAsync();

        Assert.That(File.ReadAllBytes(replyPath), Is.EqualTo(SHA256.HashData(File.ReadAllBytes(requestPath))));
        // </reply>

        Assert.That(result.Reply!.Length, Is.EqualTo(32));
        Assert.That(server.OpenSessionCount, Is.Zero);
        server.Dispose();
    }

    [Test]
    public async Task A_reply_breaks_off()
    {
        using TemporaryFile file = new([]);
        string replyPath = Path.Combine(file.Folder, "reply.bin");
        using BitsTestServer server = new(new BitsTestServerOptions { Reply = _ => Request });
        using HttpClient http = new(server.CreateHandler());
        BitsUploadClient client = new(http, new BitsUploadOptions { Retry = { BaseDelay = TimeSpan.Zero } });
        await using IBitsUploadJob job = client.CreateJob(
            BitsUploadSource.FromMemory(Request), new Uri("http://any.name/upload/a.bin"), BitsReplyTarget.ToFile(replyPath));

        // <reply-fault>
        server.Inject(BitsPacketNames.ReplyDownload, new BitsFault.DropInBody(1000));
        BitsGate gate = server.HoldReplyBody(occurrence: 2, afterBytes: 500);

        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(server.Dialogue[^1].RequestHeader("Range"), Is.EqualTo("bytes=1000-"));
        gate.Release();
        // </reply-fault>

        await running;
        Assert.That(await File.ReadAllBytesAsync(replyPath), Is.EqualTo(Request));
    }
}
