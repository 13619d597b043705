#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>Counts when the kills of a test happened and what they cost.</summary>
internal sealed class KillTally
{
    public int Uploads { get; set; }

    public int Kills { get; set; }

    /// <summary>Kills before a checkpoint was saved; the upload started over.</summary>
    public int BeforeState { get; set; }

    /// <summary>
    /// Kills after the session was closed and before the checkpoint was deleted. The file was uploaded again, because the client cannot
    /// distinguish a closed session from a lost one.
    /// </summary>
    public int InClose { get; set; }

    /// <summary>Kills after the upload was complete.</summary>
    public int AfterEnd { get; set; }

    /// <summary>Sessions without any bytes whose id is in no checkpoint.</summary>
    public int Orphans { get; set; }

    /// <summary>The resent bytes of each kill that caused any.</summary>
    public List<long> Waste { get; } = [];

    public void Add(KillTally other)
    {
        Uploads += other.Uploads;
        Kills += other.Kills;
        BeforeState += other.BeforeState;
        InClose += other.InClose;
        AfterEnd += other.AfterEnd;
        Orphans += other.Orphans;
        Waste.AddRange(other.Waste);
    }

    public override string ToString() =>
        $"{Kills} kills in {Uploads} uploads: {BeforeState} before a checkpoint was saved, {InClose} between Close-Session and the "
        + $"deletion of the checkpoint, {AfterEnd} after it; {Orphans} sessions without any bytes remain; "
        + $"{Waste.Count} kills caused resent bytes, {Waste.Sum()} in total, at most {Waste.DefaultIfEmpty().Max()}.";
}
#endif
