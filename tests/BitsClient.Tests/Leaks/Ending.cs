namespace BitsClient.Tests.Leaks;

/// <summary>How the life of a job ends, between its making and its disposal.</summary>
public enum Ending
{
    NeverRun,
    Success,
    SuccessAfterRetries,
    SuccessAfterSuspension,
    Failure,
    FailureOfReply,
    Cancel,
    CancelUnrun,
    Token,
    TokenThatKeeps,
    DisposedWhileRunning,
    DisposedWhileSuspended,
}
