using BitsClient.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BitsClient.Cli.Queue;

/// <summary>Uploads what is in a queue until a signal stops it.</summary>
internal static class QueueHost
{
    // A service manager kills what has not ended some seconds after SIGTERM.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(4);

    /// <summary>Runs until the token fires; then the uploads are put back, and their sessions are kept.</summary>
    /// <param name="location">The database of the queue.</param>
    /// <param name="parallel">How many uploads run at the same time.</param>
    /// <param name="client">The client that uploads.</param>
    /// <param name="log">Receives what happens.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="BitsQueueException">The database cannot be used, or another process uploads from it.</exception>
    public static async Task RunAsync(
        QueueLocation location, int parallel, IBitsUploadClient client, ILoggerFactory log, CancellationToken cancellationToken)
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton(log)
            .AddKeyedSingleton("", client)
            .AddBitsUploadQueue(options => (options.DataSource, options.MaxConcurrentUploads) = (location.Source, parallel))
            .BuildServiceProvider();
        BackgroundService worker = (BackgroundService)provider.GetRequiredService<IHostedService>();
        await worker.StartAsync(cancellationToken);
        try
        {
            await worker.ExecuteTask!.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A signal stops it.
        }
        finally
        {
            using CancellationTokenSource limit = new(StopLimit);
            await worker.StopAsync(limit.Token);
        }
    }
}
