using System.Security.Cryptography;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Content;

/// <summary>The hash in a checkpoint matches its prefix, even if it is read while the hash grows or the job is disposed.</summary>
public sealed class SourceHashRaceTests
{
    private const int Rounds = 1000;

    [Test]
    public async Task A_hash_read_while_bytes_are_added_covers_exactly_the_bytes_before()
    {
        byte[] file = UploadRig.Bytes(8 * 1024 * 1024);
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = file.Length, ComputeSha256 = true });
        Readings readings = new();
        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromStream(new PacedStream(file, readings)), UploadRig.Url);
        Task<BitsUploadResult> running = Task.Run(() => job.RunAsync());
        Task reading = Task.Factory.StartNew(
            () => readings.Take(job, running), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        BitsUploadResult result = await running;
        await reading;

        Assert.That(result.Sha256, Is.EqualTo(Sha256(file)));
        Assert.That(readings.Distinct, Has.Count.GreaterThan(2), "the hash was read while it grew");
        foreach ((long length, string? sha256) in readings.Distinct)
        {
            Assert.That(sha256, Is.EqualTo(Sha256(file.AsSpan(0, (int)length))), $"the first {length} bytes");
        }
    }

    [Test]
    public void A_checkpoint_can_be_read_while_its_job_is_being_disposed()
    {
        using HttpClient http = new();
        BitsUploadClient client = new(http, new BitsUploadOptions { ComputeSha256 = true });
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            SessionId = "id",
            BytesAcknowledged = 1,
            BytesTotal = 2,
            Source = new BitsSourceFingerprint { Length = 2 },
        };
        IBitsUploadJob[] jobs =
            [.. Enumerable.Range(0, Rounds).Select(_ => client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(new byte[2])))];
        Task[] disposals = new Task[Rounds];
        string empty = Sha256([]);
        int wrong = 0;
        Hammer.Run(Rounds, Read, round => disposals[round] = jobs[round].DisposeAsync().AsTask());
        Assert.That(wrong, Is.Zero);

        void Read(int round)
        {
            do
            {
                wrong += jobs[round].Checkpoint!.Source!.PrefixSha256 == empty ? 0 : 1;
            }
            while (Volatile.Read(ref disposals[round]) is not { IsCompleted: true });
        }
    }

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();

    /// <summary>The hash values that the checkpoint of a job reported, read as often as possible.</summary>
    private sealed class Readings
    {
        private int _count;

        public HashSet<(long Length, string? Sha256)> Distinct { get; } = [];

        public void Take(IBitsUploadJob job, Task running)
        {
            while (!running.IsCompleted)
            {
                if (job.Checkpoint?.Source is { } source)
                {
                    Distinct.Add((source.PrefixLength, source.PrefixSha256));
                    Interlocked.Increment(ref _count);
                }
            }
        }

        /// <summary>Waits until another reading was taken.</summary>
        public void WaitForNext()
        {
            int before = Volatile.Read(ref _count);
            SpinWait.SpinUntil(() => Volatile.Read(ref _count) > before, TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Lets the hash be read before each piece is added to it.</summary>
    private sealed class PacedStream(byte[] bytes, Readings readings) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            readings.WaitForNext();
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
