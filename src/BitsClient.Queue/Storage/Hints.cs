namespace BitsClient.Queue.Storage;

/// <summary>What processes tell each other, so that nobody waits for the next poll. Nothing depends on a hint that is lost.</summary>
internal static class Hints
{
    /// <summary>An upload may be due.</summary>
    public const string Work = "work";

    /// <summary>A running upload is to be canceled or suspended.</summary>
    public const string Wanted = "wanted";
}
