namespace BitsClient.Sessions;

/// <summary>What became of a canceled session, and what failed meanwhile; null for nothing.</summary>
internal readonly record struct CancelResult(BitsCancelOutcome Outcome, Exception? Failure = null);
