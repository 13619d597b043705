using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Transport;

/// <summary>Fragments beyond the usual limit of servers, over sockets: the handler of .NET and Kestrel ask and answer.</summary>
public sealed class LargeFragmentTests
{
    private const int Limit = 60_000_000;

    [Test]
    public async Task A_server_that_refuses_large_fragments_is_not_sent_their_bodies()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-large-");
        try
        {
            string path = Path.Combine(folder.FullName, "file.bin");
            byte[] file = new byte[200_000_000];
            new Random(1).NextBytes(file);
            await File.WriteAllBytesAsync(path, file);
            using BitsTestServer server = new(
                new BitsTestServerOptions { MaxRequestBytes = Limit, StorageDirectory = folder.CreateSubdirectory("server").FullName });
            await using BitsTestHost host = await BitsTestHost.StartAsync(server);
            using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
            BitsUploadProgress last = default;
            BitsProgress progress = new(report => last = report);

            BitsUploadResult result = await new BitsUploadClient(http).UploadFileAsync(
                path, new Uri(host.BaseAddress, "file.bin"), progress);

            byte[] stored = await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "server", "file.bin"));
            Assert.That(stored.AsSpan().SequenceEqual(file), "what arrived is what was sent");
            Assert.That(server.Dialogue.Max(exchange => exchange.BodyBytes), Is.InRange(30_000_000, Limit));
            Assert.That((last.BytesSent, result.BytesResent), Is.EqualTo(((long)file.Length, 0L)), "no body was sent in vain");
            server.AssertNoViolations();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
