namespace BitsClient.Cli;

/// <summary>An error that the tool itself detects. The message is shown to the user as is.</summary>
/// <param name="message">The message.</param>
/// <param name="exitCode">The exit code that the tool ends with.</param>
internal sealed class ToolException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode => exitCode;
}
