namespace BitsClient.Cli;

/// <summary>The exit codes of the tool. For a tool that was stopped by a signal, see <see cref="StopSignals.ExitCode"/>.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}
