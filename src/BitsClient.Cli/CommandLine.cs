using System.CommandLine;
using BitsClient.Cli.Commands;
using BitsClient.Cli.Commands.Queue;
using BitsClient.Cli.Help;
using BitsClient.Cli.Output;

namespace BitsClient.Cli;

/// <summary>The root of the tool: parses the arguments, runs the command, and reports errors as one line and an exit code.</summary>
internal sealed class CommandLine(Terminal terminal, StopSignals signals)
{
    private const string Description =
        "Uploads files to BITS servers (IIS). Canceling an upload also cancels its session on the server.\n\n"
        + "With --state, checkpoints are saved, so that an upload can be resumed after a failure or a crash.\n\n"
        + "Ctrl-C cancels the upload and its session on the server; a second Ctrl-C quits immediately. SIGTERM and SIGHUP (terminal "
        + "closed) cancel it too, but with --state they keep the session, so that the upload can be resumed.";

    private readonly Option<bool> _help = new("--help", "-h", "-?") { Description = "Show the help of a command", Recursive = true };
    private readonly Option<bool> _quiet = OptionFactory.Quiet();

    public async Task<int> RunAsync(string[] args)
    {
        // No response files: a file name can begin with '@'.
        ParseResult parsed = Root(args).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.GetValue(_help))
        {
            await terminal.Out.WriteLineAsync(HelpText.Of(HelpPage.Of(parsed.RootCommandResult.Command, parsed.CommandResult.Command)));
            return ExitCode.Done;
        }

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
            // Also with --quiet.
            terminal.WriteError(warning);
        }

        try
        {
            return await parsed.InvokeAsync(Invocation(), signals.Token);
        }
        catch (Exception e)
        {
            terminal.WriteError(ErrorText.Of(e));
            return ExitCodeOf(e);
        }
    }

    private int ExitCodeOf(Exception failure) => failure switch
    {
        KeptUploadException { InnerException: { } cause } => ExitCodeOf(cause),
        ToolException tool => tool.ExitCode,
        OperationCanceledException when signals.Token.IsCancellationRequested => signals.ExitCode,
        _ => ExitCode.Failed,
    };

    // Not a RootCommand, because its name would be that of the assembly.
    private Command Root(string[] args) => new("bitsclient", Description)
    {
        _help,
        new VersionOption(),
        _quiet,
        new UploadCommand(terminal, signals),
        new ResumeCommand(terminal, signals),
        new CancelCommand(terminal),
        new ListCommand(terminal),
        new QueueCommand(terminal, signals, args),
        new PingCommand(terminal),
        new ServeCommand(terminal),
        new DemoCommand(terminal),
        new CompletionCommand(terminal),
        new ManCommand(terminal),
        new SuggestCommand(terminal),
    };

    private static string UsageError(ParseResult parsed, string message)
    {
        string error = parsed.UnmatchedTokens is [var token, ..] ? Unrecognized(token) : message.TrimEnd('.');
        return $"{error}. See '{HelpPage.NameOf(parsed.CommandResult.Command)} --help'.";
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
