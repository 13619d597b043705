using System.Runtime.InteropServices;

namespace BitsClient.Cli.Tests;

/// <summary>The first signal requests an orderly stop; a second one ends the process, except SIGHUP, which can arrive twice.</summary>
public sealed class StopSignalsTests
{
    [TestCase(PosixSignal.SIGINT, 130, false)]
    [TestCase(PosixSignal.SIGTERM, 143, true)]
    [TestCase(PosixSignal.SIGHUP, 129, true)]
    public void The_first_signal_cancels_the_token_and_does_not_end_the_process(PosixSignal signal, int exitCode, bool isTermination)
    {
        int quits = 0;
        using StopSignals signals = new();
        using CancellationTokenRegistration quitting = signals.Quitting.Register(() => quits++);
        Assert.That((signals.Token.IsCancellationRequested, signals.IsTermination), Is.EqualTo((false, false)));

        Assert.That(IsSuppressed(signals, signal), Is.True);

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
        using StopSignals signals = new();
        using CancellationTokenRegistration quitting = signals.Quitting.Register(() => quits++);
        IsSuppressed(signals, first);
        int exitCode = signals.ExitCode;

        Assert.That(IsSuppressed(signals, second), Is.False);

        Assert.That(quits, Is.EqualTo(1));
        Assert.That(signals.ExitCode, Is.EqualTo(exitCode), "the first signal determines it");
    }

    [TestCase(PosixSignal.SIGHUP)]
    [TestCase(PosixSignal.SIGINT)]
    [TestCase(PosixSignal.SIGTERM)]
    public void A_repeated_SIGHUP_does_not_end_the_process(PosixSignal first)
    {
        int quits = 0;
        using StopSignals signals = new();
        using CancellationTokenRegistration quitting = signals.Quitting.Register(() => quits++);
        IsSuppressed(signals, first);

        Assert.That(IsSuppressed(signals, PosixSignal.SIGHUP), Is.True);
        Assert.That(IsSuppressed(signals, PosixSignal.SIGHUP), Is.True);
        Assert.That(quits, Is.Zero);
    }

    // Whether the process continues after the signal.
    private static bool IsSuppressed(StopSignals signals, PosixSignal signal)
    {
        PosixSignalContext context = new(signal);
        signals.Handle(context);
        return context.Cancel;
    }
}
