using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace BitsClient.Benchmarks;

/// <summary>
/// A <see cref="Sink"/> in a process of its own, so that its work is not counted as the client's. It ends when this process does, because
/// its stdin ends then.
/// </summary>
internal sealed class SinkProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private SinkProcess(Process process, int[] ports)
    {
        _process = process;
        Http = new IPEndPoint(IPAddress.Loopback, ports[0]);
        Raw = new IPEndPoint(IPAddress.Loopback, ports[1]);
    }

    public IPEndPoint Http { get; }

    public IPEndPoint Raw { get; }

    public static async Task<SinkProcess> StartAsync(long? limit = null)
    {
        string[] arguments = limit is { } bytes ? ["--limit", bytes.ToString(CultureInfo.InvariantCulture)] : [];
        Process process = Self.Start([Commands.SinkName, .. arguments]);
        string? line = await process.StandardOutput.ReadLineAsync();
        return line is null
            ? throw new InvalidOperationException("The sink did not start.")
            : new SinkProcess(process, [.. line.Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))]);
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            _process.StandardInput.Close();
            using CancellationTokenSource limit = new(EndLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
    }
}
