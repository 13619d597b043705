using System.Runtime.InteropServices;

namespace BitsClient.Cli;

/// <summary>
/// Handles Ctrl-C, SIGTERM and SIGHUP (terminal closed). The first signal requests an orderly stop; a second one ends the process, except
/// SIGHUP, which can arrive twice when a terminal is closed.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int Interrupted = 130;
    private const int Terminated = 143;
    private const int HungUp = 129;

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _quit = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    /// <summary>Starts to handle signals.</summary>
    /// <param name="signals">The signals of the process to handle. Tests pass signals to <see cref="Handle"/> instead.</param>
    public StopSignals(params PosixSignal[] signals) =>
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

    /// <summary>Canceled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Canceled by the second signal. The process ends as soon as the callbacks have returned.</summary>
    public CancellationToken Quitting => _quit.Token;

    /// <summary>The exit code that a shell expects after the first signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.</summary>
    public int ExitCode => _exitCode;

    /// <summary>
    /// Whether the first signal was SIGTERM or SIGHUP. In contrast to Ctrl-C, these do not mean that the user no longer wants the upload.
    /// </summary>
    public bool IsTermination => _exitCode is Terminated or HungUp;

    /// <summary>Handles the signals of this process.</summary>
    public static StopSignals OfProcess() => new(PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP);

    /// <summary>Handles a signal. Sets <see cref="PosixSignalContext.Cancel"/> if the process must not end now.</summary>
    public void Handle(PosixSignalContext context)
    {
        int exitCode = context.Signal switch
        {
            PosixSignal.SIGINT => Interrupted,
            PosixSignal.SIGHUP => HungUp,
            _ => Terminated,
        };
        bool isFirst = Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0;
        context.Cancel = isFirst || context.Signal is PosixSignal.SIGHUP;
        if (isFirst)
        {
            _stop.Cancel();
        }
        else if (!context.Cancel)
        {
            _quit.Cancel();
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
        _quit.Dispose();
    }
}
