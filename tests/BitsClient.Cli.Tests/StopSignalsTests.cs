using System.Runtime.InteropServices;

namespace BitsClient.Cli.Tests;

/// <summary>
/// The first signal asks for an orderly end; the second one ends the process, but for a hang-up, which may be told
/// twice.
/// </summary>
public sealed class StopSignalsTests
{
    [TestCase(PosixSignal.SIGINT, 130, false)]
    [TestCase(PosixSignal.SIGTERM, 143, true)]
    [TestCase(PosixSignal.SIGHUP, 129, true)]
    public void The_first_signal_cancels_the_token_and_does_not_end_the_process(PosixSignal signal, int exitCode, bool isTermination)
    {
        int quits = 0;
        using StopSignals signals = new(() => quits++);
        Assert.That((signals.Token.IsCancellationRequested, signals.IsTermination), Is.EqualTo((false, false)));

        Assert.That(IsHeldBack(signals, signal), Is.True);

        Assert.That(signals.Token.IsCancellationRequested, Is.True);
        Assert.That((signals.ExitCode, signals.IsTermination), Is.EqualTo((exitCode, isTermination)));
        Assert.That(quits, Is.Zero);
    }

    [TestCase(PosixSignal.SIGINT, PosixSignal.SIGINT)]
    [TestCase(PosixSignal.SIGINT, PosixSignal.SIGTERM)]
    [TestCase(PosixSignal.SIGTERM, PosixSignal.SIGINT)]
    [TestCase(PosixSignal.SIGHUP, PosixSignal.SIGTERM)]
    public void The_second_signal_ends_the_process_after_the_callback(PosixSignal first, PosixSignal second)
    {
        int quits = 0;
        using StopSignals signals = new(() => quits++);
        IsHeldBack(signals, first);
        int exitCode = signals.ExitCode;

        Assert.That(IsHeldBack(signals, second), Is.False);

        Assert.That(quits, Is.EqualTo(1));
        Assert.That(signals.ExitCode, Is.EqualTo(exitCode), "the first one counts");
    }

    [TestCase(PosixSignal.SIGHUP)]
    [TestCase(PosixSignal.SIGINT)]
    [TestCase(PosixSignal.SIGTERM)]
    public void A_repeated_SIGHUP_does_not_end_the_process(PosixSignal first)
    {
        int quits = 0;
        using StopSignals signals = new(() => quits++);
        IsHeldBack(signals, first);

        Assert.That(IsHeldBack(signals, PosixSignal.SIGHUP), Is.True);
        Assert.That(IsHeldBack(signals, PosixSignal.SIGHUP), Is.True);
        Assert.That(quits, Is.Zero);
    }

    private static bool IsHeldBack(StopSignals signals, PosixSignal signal)
    {
        PosixSignalContext context = new(signal);
        signals.Handle(context);
        return context.Cancel;
    }
}
