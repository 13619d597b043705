using System.CommandLine;
using BitsClient.Cli.Output;
using BitsClient.Cli.Queue;

namespace BitsClient.Cli.Commands.Queue;

/// <summary>The command 'queue run'.</summary>
internal sealed class QueueRunCommand : Command
{
    private readonly QueueOption _db = new();
    private readonly ClientOptions _client = new();
    private readonly Terminal _terminal;
    private readonly StopSignals _signals;

    public QueueRunCommand(Terminal terminal, StopSignals signals)
        : base(
            "run",
            "Uploads what is in a queue, until Ctrl-C, SIGTERM or SIGHUP: then it keeps the sessions, and the uploads continue where the "
            + "next one runs. Headers and user are sent to the server of each upload. Writes a line to stderr when an upload begins and "
            + "ends.")
    {
        _terminal = terminal;
        _signals = signals;
        _db.AddTo(this);
        _client.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        QueueLocation location = _db.Location(parsed);
        using QueueRunLog log = new(_terminal);
        using ClientPerOrigin client = new(
            url => _client.Open(parsed, _terminal, url),
            (http, url) => new BitsUploadClient(http, _client.Options(parsed, url), log));
        _db.TellIfNew(parsed, _terminal);
        await using (location.Source)
        {
            await QueueHost.RunAsync(location, _client.Parallel(parsed), client, log, cancellationToken);
        }

        return _signals.ExitCode;
    }
}
