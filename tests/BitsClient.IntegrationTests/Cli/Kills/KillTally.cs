#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli.Kills;

/// <summary>What the kills of a test met, added up.</summary>
internal sealed class KillTally
{
    public int Uploads { get; set; }

    public int Kills { get; set; }

    /// <summary>No state was saved, and the upload began anew.</summary>
    public int BeforeState { get; set; }

    /// <summary>The session was closed, and the state not deleted yet: the file was uploaded a second time, for a closed session looks like a lost one.</summary>
    public int InClose { get; set; }

    /// <summary>The upload was over, and nothing was left to do.</summary>
    public int AfterEnd { get; set; }

    /// <summary>Sessions without a byte whose id no state tells.</summary>
    public int Orphans { get; set; }

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
        $"{Kills} kills in {Uploads} uploads: {BeforeState} before a state was saved, {InClose} between Close-Session and the end of the state, "
        + $"{AfterEnd} after it; {Orphans} sessions without a byte left; {Waste.Count} kills cost bytes, {Waste.Sum()} in all, {Waste.DefaultIfEmpty().Max()} at most.";
}
#endif
