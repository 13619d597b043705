using System.Globalization;
using System.Security.Cryptography;
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Resilience;

/// <summary>Uploads a large file over a real socket, on which about a third of the fragments fails.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class LossTests(BitsServerDialect dialect)
{
    private const int FileLength = 200_000_000;
    private const int FragmentSize = 512 * 1024;
    private const int MostPackets = 5000;

    private static readonly BitsUploadOptions Options = new()
    {
        MinFragmentSize = 16 * 1024,
        InitialFragmentSize = FragmentSize,
        MaxFragmentSize = FragmentSize,
        Retry = { MaxRetries = int.MaxValue, BaseDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) },
    };

    [Test]
    public async Task Every_byte_arrives_and_no_more_than_was_lost_is_resent()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-");
        try
        {
            string source = Path.Combine(folder.FullName, "source.bin");
            byte[] hash = Fill(source, new Random(seed));
            string storage = Path.Combine(folder.FullName, "storage");
            using BitsTestServer server = new(new BitsTestServerOptions { Dialect = dialect, StorageDirectory = storage });
            InjectInto(server, new Random(seed));
            BitsUploadResult result = await UploadAsync(server, source);

            Assert.That(HashOf(Path.Combine(storage, "upload", "file.bin")), Is.EqualTo(hash));
            server.AssertNoViolations();
            AssertAccount(server, result);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<BitsUploadResult> UploadAsync(BitsTestServer server, string path)
    {
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        return await new BitsUploadClient(http, Options).UploadFileAsync(path, new Uri(host.BaseAddress, "upload/file.bin"));
    }

    private static void InjectInto(BitsTestServer server, Random random)
    {
        for (int packet = 1; packet <= MostPackets; packet++)
        {
            if (random.NextDouble() < 0.4)
            {
                server.Inject(BitsPacketNames.Fragment, Fault(random), packet);
            }
        }
    }

    private static BitsFault Fault(Random random) => random.Next(4) switch
    {
        0 => new BitsFault.DropInBody(random.Next(FragmentSize)),
        1 => new BitsFault.DropAfterHandling(),
        2 => new BitsFault.Answer(random.Next(502, 505)),
        _ => new BitsFault.Answer(random.Next(502, 505)) { AfterHandling = true },
    };

    // Bytes that the server has read were certainly sent; the rest of a fragment may have been sent. This gives a lower and an upper bound.
    private static void AssertAccount(BitsTestServer server, BitsUploadResult result)
    {
        BitsExchange[] fragments = [.. server.Dialogue.Where(exchange => exchange.PacketType == BitsPacketNames.Fragment)];
        int failed = fragments.Count(fragment => fragment.Status is not (200 or 416));
        long certainlySent = 0;
        long maybeSent = 0;
        long least = 0;
        long most = 0;
        foreach (BitsExchange fragment in fragments)
        {
            (long start, long length) = RangeOf(fragment);
            least += Math.Clamp(certainlySent - start, 0, fragment.BodyBytes);
            most += Math.Clamp(maybeSent - start, 0, length);
            certainlySent = Math.Max(certainlySent, start + fragment.BodyBytes);
            maybeSent = Math.Max(maybeSent, start + length);
        }

        TestContext.Out.WriteLine(
            $"{failed} of {fragments.Length} fragments failed; "
            + $"{result.BytesResent} bytes were resent, {least} to {most} by the server's record.");
        Assert.That((double)failed / fragments.Length, Is.GreaterThan(0.27));
        Assert.That(result.BytesResent, Is.InRange(least, most));
        Assert.That(most - least, Is.LessThanOrEqualTo((long)failed * FragmentSize), "at most one fragment per failure is uncertain");
        Assert.That(result.Retries, Is.EqualTo(failed));
    }

    // Parses a Content-Range such as "bytes 0-9/30".
    private static (long Start, long Length) RangeOf(BitsExchange fragment)
    {
        string[] numbers = fragment.RequestHeader("Content-Range")!.Split(' ', '-', '/');
        long start = long.Parse(numbers[1], CultureInfo.InvariantCulture);
        return (start, long.Parse(numbers[2], CultureInfo.InvariantCulture) - start + 1);
    }

    private static byte[] Fill(string path, Random random)
    {
        byte[] bytes = new byte[FileLength];
        random.NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return SHA256.HashData(bytes);
    }

    private static byte[] HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return SHA256.HashData(file);
    }
}
