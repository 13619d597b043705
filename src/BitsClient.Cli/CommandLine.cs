using System.CommandLine;
using System.CommandLine.Help;
using BitsClient.Cli.Commands;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>The tool as a whole: reads its arguments, runs the command, and turns what went wrong into one line and an exit code.</summary>
internal sealed class CommandLine(Terminal terminal, StopSignals signals)
{
    private const string Description = """
        Uploads files to BITS servers (IIS), and cancels so that no session is left behind.

        Example:
          bitsclient upload report.zip http://server/uploads/report.zip

        To see it work without a server:
          bitsclient demo

        To be able to go on after a failure or a crash:
          bitsclient upload report.zip http://server/uploads/report.zip --state uploads
          bitsclient list --state uploads
          bitsclient resume 3f2a --state uploads

        Ctrl-C cancels an upload on the server as well; a second Ctrl-C quits at once. SIGTERM and the end of the terminal do the same, but keep the session with --state.
        Exit codes: 0 done, 1 failed, 2 wrong usage, 130 canceled by Ctrl-C, 143 ended by SIGTERM, 129 by the end of the terminal (serve ends with 0).
        """;

    public async Task<int> RunAsync(string[] args)
    {
        // No RootCommand, which would be named after the assembly.
        Command root = new("bitsclient", Description)
        {
            new HelpOption(),
            new VersionOption(),
            new UploadCommand(terminal, signals),
            new ResumeCommand(terminal, signals),
            new CancelCommand(terminal),
            new ListCommand(terminal),
            new PingCommand(terminal),
            new ServeCommand(terminal),
            new DemoCommand(terminal),
        };

        // A file name may begin with '@'.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors is [var first, ..])
        {
            string fault = parsed.UnmatchedTokens is [var token, ..] ? $"'{token}' is not understood here" : first.Message.TrimEnd('.');
            Command command = parsed.CommandResult.Command;
            string path = command == root ? root.Name : $"{root.Name} {command.Name}";
            terminal.WriteError($"{fault}. See '{path} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(Invocation(), signals.Token);
        }
        catch (Exception e)
        {
            terminal.WriteError(ErrorText.Of(e));
            Exception? cause = e is KeptUploadException ? e.InnerException : e;
            return cause is OperationCanceledException && signals.Token.IsCancellationRequested ? signals.ExitCode : ExitCode.Failed;
        }
    }

    // Signals and exceptions are handled here.
    private InvocationConfiguration Invocation() => new()
    {
        Output = terminal.Out,
        Error = terminal.Error,
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };
}
