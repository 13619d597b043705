using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Testing;

namespace BitsClient.Cli.Commands;

internal sealed class ServeCommand : Command
{
    private readonly Argument<string> _directory = new("DIR") { Description = "The folder that files land in, at the path of their URL" };
    private readonly Option<int> _port = new("--port")
    {
        Description = "The TCP port; 0 takes any that is free",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<BitsServerDialect> _dialect = new("--dialect")
    {
        Description = "Whom to follow where the documents disagree: the open specification, or the Win32 reference",
        HelpName = "mcbup|win32",
        DefaultValueFactory = _ => BitsServerDialect.McBup,
    };

    private readonly Terminal _terminal;

    public ServeCommand(Terminal terminal)
        : base("serve", "Serves BITS uploads on this machine only, to try clients against. The first line of output is its URL; Ctrl-C ends it.")
    {
        _terminal = terminal;
        _port.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() is < 0 or > 65535)
            {
                result.AddError("--port has to be a number from 0 to 65535");
            }
        });
        Add(_directory);
        Add(_port);
        Add(_dialect);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string directory = parsed.GetRequiredValue(_directory);
        if (!Directory.Exists(directory))
        {
            throw new ToolException($"There is no folder '{directory}'; make it first.");
        }

        using BitsTestServer server = new(new BitsTestServerOptions { StorageDirectory = directory, Dialect = parsed.GetValue(_dialect) });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server, parsed.GetValue(_port), cancellationToken);
        await _terminal.Out.WriteLineAsync(host.BaseAddress.AbsoluteUri);
        await _terminal.Out.FlushAsync(CancellationToken.None);

        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => stopped.SetResult(), state: null);
        await stopped.Task;
        return ExitCode.Done;
    }
}
