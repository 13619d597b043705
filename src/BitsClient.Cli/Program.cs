using BitsClient.Cli;
using BitsClient.Cli.Output;

using StopSignals signals = new();
return await new CommandLine(Terminal.OfProcess(), signals).RunAsync(args);
