using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BitsClient.Cli.Output;
using BitsClient.Testing;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'serve'.</summary>
internal sealed class ServeCommand : Command
{
    private readonly Argument<string> _directory = new("DIR") { Description = "The folder to store files in, at the path of their URL" };
    private readonly Option<ushort> _port = new("--port")
    {
        Description = "The TCP port; 0 selects a free port",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
        CustomParser = ParsePort,
    };

    private readonly Option<BitsServerDialect> _dialect = new("--dialect")
    {
        Description = "The documentation to follow where the sources disagree: the open specification (mcbup, the default) or the Win32 "
            + "reference (win32)",
        HelpName = "mcbup|win32",
        CustomParser = ParseDialect,
    };

    private readonly Option<string?> _reply = new("--reply")
    {
        Description = "Send this file as the reply to each upload (upload-reply)",
        HelpName = "FILE",
    };

    private readonly Terminal _terminal;

    public ServeCommand(Terminal terminal)
        : base(
            "serve",
            "Runs a BITS server for testing, reachable from this machine only. Writes its URL as the first line to stdout, and one line "
            + "per upload to stderr. Press Ctrl-C to stop it.")
    {
        _terminal = terminal;
        Add(_directory);
        Add(_port);
        Add(_dialect);
        Add(_reply);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string directory = parsed.GetRequiredValue(_directory);
        if (!Directory.Exists(directory))
        {
            throw new ToolException($"There is no folder '{directory}'; create it first.");
        }

        byte[]? reply = parsed.GetValue(_reply) is { } file ? await File.ReadAllBytesAsync(file, cancellationToken) : null;
        using BitsTestServer server = new(new BitsTestServerOptions
        {
            StorageDirectory = directory,
            Dialect = parsed.GetValue(_dialect),
            Reply = reply is null ? null : _ => reply,
        });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server, parsed.GetValue(_port), cancellationToken);
        await _terminal.Out.WriteLineAsync(host.BaseAddress.AbsoluteUri);
        await _terminal.Out.FlushAsync(CancellationToken.None);
        await new SessionLog(server, _terminal.Error).WriteUntilAsync(cancellationToken);
        return ExitCode.Done;
    }

    private static ushort ParsePort(ArgumentResult result)
    {
        if (!ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            result.AddError("--port must be a number from 0 to 65535");
        }

        return port;
    }

    private static BitsServerDialect ParseDialect(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "mcbup":
                return BitsServerDialect.McBup;
            case "win32":
                return BitsServerDialect.Win32;
            default:
                result.AddError("--dialect must be mcbup or win32");
                return default;
        }
    }
}
