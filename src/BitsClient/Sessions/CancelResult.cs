namespace BitsClient.Sessions;

/// <summary>How a cancel ended, and what went wrong on the way.</summary>
internal readonly record struct CancelResult(BitsCancelOutcome Outcome, Exception? Failure = null);
