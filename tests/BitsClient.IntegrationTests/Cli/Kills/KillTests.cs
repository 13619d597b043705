#if NET10_0_OR_GREATER
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>Kills the tool at random moments and resumes the upload.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
[Platform(Exclude = "Win", Reason = "On Windows, the exit code does not show that a process was killed.")]
internal sealed class KillTests(BitsServerDialect dialect)
{
    private const int FileLength = 64_000_001;
    private const int LimitInSeconds = 300;
    private const int Lanes = 3;
    private const int KillsPerLane = 50;

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("bitsclient-kills-");

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Test, CancelAfter(LimitInSeconds * 1000), TimeLimit(LimitInSeconds + 30)]
    public async Task No_kill_damages_the_file_or_resends_more_than_a_fragment_and_the_smallest_one(CancellationToken limit)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"Seed {seed}.");
        byte[] bytes = new byte[FileLength];
        new Random(seed).NextBytes(bytes);
        string file = Path.Combine(_folder.FullName, "a.bin");
        await File.WriteAllBytesAsync(file, bytes, limit);

        KillTally tally = new();
        IEnumerable<int> numbers = Enumerable.Range(0, Lanes);
        KillTally[] lanes = await Task.WhenAll(numbers.Select(lane => RunAsync(file, lane, new Random(seed + lane), limit)));
        Array.ForEach(lanes, tally.Add);

        TestContext.Out.WriteLine(tally);
        Assert.That(tally.InClose, Is.LessThanOrEqualTo(Lanes * KillsPerLane / 5));
        Assert.That(tally.Orphans, Is.LessThanOrEqualTo(tally.BeforeState));
        Assert.That(tally.Waste, Has.Count.GreaterThan(Lanes * KillsPerLane / 10), "kills in the middle of a file");
    }

    // Runs uploads one after another until the number of kills is reached.
    private async Task<KillTally> RunAsync(string file, int lane, Random random, CancellationToken limit)
    {
        KillTally tally = new();
        while (tally.Kills < KillsPerLane)
        {
            limit.ThrowIfCancellationRequested();
            DirectoryInfo folder = _folder.CreateSubdirectory($"{lane}-{tally.Uploads}");
            await using (KilledUpload upload = new(dialect, file, folder.FullName, random, tally))
            {
                await upload.RunAsync(KillsPerLane - tally.Kills);
            }

            folder.Delete(recursive: true);
        }

        return tally;
    }
}
#endif
