namespace BitsClient.Cli;

/// <summary>A signal has ended a command that only waits for an upload of a queue, and not the upload.</summary>
internal sealed class WaitEndedException(string message) : OperationCanceledException(message);
