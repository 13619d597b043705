#if NET10_0_OR_GREATER
using BitsClient.Testing;
using BitsClient.Tests;

namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>The tool killed at random moments of its life, and the upload gone on with.</summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
[Platform(Exclude = "Win", Reason = "There, an exit code does not tell a kill.")]
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
        await System.IO.File.WriteAllBytesAsync(file, bytes, limit);

        KillTally tally = new();
        KillTally[] lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => RunAsync(file, lane, new Random(seed + lane), limit)));
        Array.ForEach(lanes, tally.Add);

        TestContext.Out.WriteLine(tally);
        Assert.That(tally.InClose, Is.LessThanOrEqualTo(Lanes * KillsPerLane / 5));
        Assert.That(tally.Orphans, Is.LessThanOrEqualTo(tally.BeforeState));
        Assert.That(tally.Waste, Has.Count.GreaterThan(Lanes * KillsPerLane / 10), "kills in the midst of a file");
    }

    // One upload after the other, until there were kills enough.
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
