namespace BitsClient.Cli;

/// <summary>An error that the tool itself detects. The message is shown to the user as is.</summary>
internal sealed class ToolException(string message) : Exception(message);
