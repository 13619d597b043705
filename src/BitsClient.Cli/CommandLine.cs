using System.CommandLine;
using System.CommandLine.Help;
using BitsClient.Cli.Commands;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>The root of the tool: parses the arguments, runs the command, and reports errors as one line and an exit code.</summary>
internal sealed class CommandLine(Terminal terminal, StopSignals signals)
{
    private const string Description = """
        Uploads files to BITS servers (IIS). Canceling an upload also cancels its session on the server.

        Example:
          bitsclient upload report.zip http://server/uploads/report.zip

        Try it without a server:
          bitsclient demo

        Save checkpoints, so that an upload can be resumed after a failure or a crash:
          bitsclient upload report.zip http://server/uploads/report.zip --state uploads
          bitsclient list --state uploads
          bitsclient resume 3f2a --state uploads

        Ctrl-C cancels the upload and its session on the server; a second Ctrl-C quits immediately. SIGTERM and SIGHUP (terminal closed)
        cancel it too, but with --state they keep the session, so that the upload can be resumed.
        Exit codes: 0 success, 1 failure, 2 wrong usage, 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP. 'serve' ends with 0 when it is stopped.
        """;

    private readonly Option<bool> _quiet = OptionFactory.Quiet();

    public async Task<int> RunAsync(string[] args)
    {
        // No response files: a file name can begin with '@'.
        ParseResult parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors is [var first, ..])
        {
            terminal.WriteError(UsageError(parsed, first.Message));
            return ExitCode.Usage;
        }

        if (parsed.GetValue(_quiet))
        {
            terminal.Silence();
        }

        foreach (string warning in SecurityWarnings.Of(parsed))
        {
            terminal.WriteNotice(warning);
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

    // Not a RootCommand, because its name would be that of the assembly.
    private Command Root() => new("bitsclient", Description)
    {
        new HelpOption(),
        new VersionOption(),
        _quiet,
        new UploadCommand(terminal, signals),
        new ResumeCommand(terminal, signals),
        new CancelCommand(terminal),
        new ListCommand(terminal),
        new PingCommand(terminal),
        new ServeCommand(terminal),
        new DemoCommand(terminal),
    };

    private static string UsageError(ParseResult parsed, string message)
    {
        string error = parsed.UnmatchedTokens is [var token, ..] ? Unrecognized(token) : message.TrimEnd('.');
        Command root = parsed.RootCommandResult.Command;
        Command command = parsed.CommandResult.Command;
        string path = command == root ? root.Name : $"{root.Name} {command.Name}";
        return $"{error}. See '{path} --help'.";
    }

    private static string Unrecognized(string token) =>
        token.StartsWith('-') ? $"Unrecognized option '{token}'" : $"Unrecognized command or argument '{UrlUser.Without(token)}'";

    // This class handles signals and exceptions itself.
    private InvocationConfiguration Invocation() => new()
    {
        Output = terminal.Out,
        Error = terminal.Error,
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };
}
