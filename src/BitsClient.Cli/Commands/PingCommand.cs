using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'ping'.</summary>
internal sealed class PingCommand : Command
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly Argument<Uri> _url = ServerUrl.Argument("The URL of an upload, for example http://server/uploads/report.zip");
    private readonly ConnectionOptions _connection = new();
    private readonly Terminal _terminal;

    public PingCommand(Terminal terminal)
        : base("ping", "Checks whether a BITS server answers at a URL. Does not create a session or store anything.")
    {
        _terminal = terminal;
        Add(_url);
        _connection.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Uri url = parsed.GetRequiredValue(_url);
        using HttpClient http = _connection.Open(parsed, _terminal, url);
        TimeSpan limit = _connection.Timeout(parsed) ?? DefaultTimeout;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        Stopwatch clock = Stopwatch.StartNew();
        try
        {
            await new BitsUploadClient(http).PingAsync(url, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            string seconds = UploadSummary.Count((long)limit.TotalSeconds, "second");
            throw new ToolException($"Ping to {ShownUrl.Of(url)}: no answer within {seconds}.");
        }

        await _terminal.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"A BITS server answers at {ShownUrl.Of(url)} ({clock.Elapsed.TotalMilliseconds:0} ms)"));
        return ExitCode.Done;
    }
}
