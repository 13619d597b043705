using BitsClient.Cli;
using BitsClient.Cli.Output;

if (AspNetCoreRestart.IsNeeded(args))
{
    return AspNetCoreRestart.Run(args);
}

Terminal terminal = Terminal.OfProcess();
using StopSignals signals = StopSignals.OfProcess();
using CancellationTokenRegistration quitting = signals.Quitting.Register(terminal.LeaveBar);
return await new CommandLine(terminal, signals).RunAsync(args);
