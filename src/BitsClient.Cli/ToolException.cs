namespace BitsClient.Cli;

/// <summary>The tool itself has something to complain about; the message is for the user as it stands.</summary>
internal sealed class ToolException(string message) : Exception(message);
