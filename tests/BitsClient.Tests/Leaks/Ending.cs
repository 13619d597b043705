namespace BitsClient.Tests.Leaks;

/// <summary>What happens to a job between its creation and its disposal.</summary>
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
