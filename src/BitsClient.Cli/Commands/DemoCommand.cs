using System.CommandLine;
using System.Security.Cryptography;
using BitsClient.Cli.Output;
using BitsClient.Testing;

namespace BitsClient.Cli.Commands;

/// <summary>The command 'demo'.</summary>
internal sealed class DemoCommand : Command
{
    private const int FileSize = 8 * 1024 * 1024;

    private readonly Terminal _terminal;

    public DemoCommand(Terminal terminal)
        : base("demo", "Shows an upload and a cancel, packet by packet, with a server in a temporary folder, and verifies the result.")
    {
        _terminal = terminal;
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bitsclient-demo-");
        try
        {
            string file = Path.Combine(folder.FullName, "demo.bin");
            await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(FileSize), cancellationToken);
            string stored = Path.Combine(folder.FullName, "server");
            using BitsTestServer server = new(new BitsTestServerOptions { StorageDirectory = stored });
            await using BitsTestHost host = await BitsTestHost.StartAsync(server, cancellationToken: cancellationToken);
            using HttpClient http = ServerConnection.Open();
            Demo demo = new(_terminal, http, server, host.BaseAddress, stored);
            await demo.UploadAsync(file, cancellationToken);
            await demo.CancelAsync(file, cancellationToken);
            return demo.HasPassed ? ExitCode.Done : ExitCode.Failed;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
