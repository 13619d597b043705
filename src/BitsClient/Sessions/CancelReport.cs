namespace BitsClient.Sessions;

/// <summary>How a cancel ended, and what went wrong on the way.</summary>
internal readonly record struct CancelReport(BitsCancelOutcome Outcome, Exception? Failure = null);
