namespace BitsClient.Resilience;

/// <summary>The ways in which the upload loop ends; see <see cref="RunEnd"/>.</summary>
internal enum RunEndKind
{
    Done,
    Paused,
    Stopped,
    Stalled,
    Failed,
}
