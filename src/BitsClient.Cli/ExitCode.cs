namespace BitsClient.Cli;

/// <summary>What the tool ends with, besides 128 + the number of the signal that stopped it (<see cref="StopSignals.ExitCode"/>).</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}
