namespace BitsClient.Sessions;

/// <summary>What became of the session that was canceled, and what failed on the way; null for nothing.</summary>
internal readonly record struct CancelResult(BitsCancelOutcome Outcome, Exception? Failure = null);
