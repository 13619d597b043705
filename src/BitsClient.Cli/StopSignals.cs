using System.Runtime.InteropServices;

namespace BitsClient.Cli;

/// <summary>Ctrl-C, SIGTERM and the end of the terminal: the first one asks for an orderly end, the second one is not held back any more. The end of a terminal may be told twice.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int Interrupted = 130;
    private const int Terminated = 143;
    private const int HungUp = 129;

    private readonly CancellationTokenSource _stop = new();
    private readonly Action _quitting;
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    /// <param name="quitting">Is called with the second signal, just before the process ends.</param>
    /// <param name="signals">The signals of the process to listen to; others come by <see cref="Handle"/> alone.</param>
    public StopSignals(Action quitting, params PosixSignal[] signals)
    {
        _quitting = quitting;
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>Fires with the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>What a shell expects of a program that ended because of that signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.</summary>
    public int ExitCode => _exitCode;

    /// <summary>Whether it was not Ctrl-C: somebody ends programs, and nobody said that the upload is not wanted any more.</summary>
    public bool IsTermination => _exitCode is Terminated or HungUp;

    /// <param name="quitting">Is called with the second signal, just before the process ends.</param>
    public static StopSignals OfProcess(Action quitting) => new(quitting, PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP);

    /// <summary>Handles a signal, and sets in <paramref name="context"/> whether the process goes on in spite of it.</summary>
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
            _quitting();
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }
}
