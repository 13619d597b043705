namespace BitsClient.IntegrationTests.Resilience;

/// <summary>
/// Cancels a token on another thread when an upload reaches a status and a number of sent bytes: while it connects, while it transfers, or
/// while it is closed.
/// </summary>
internal sealed class CancelAt : IProgress<BitsUploadProgress>
{
    private readonly BitsUploadStatus _status;
    private readonly long _bytes;
    private readonly CancellationTokenSource _source = new();
    private int _fired;

    private CancelAt(BitsUploadStatus status, long bytes) => (_status, _bytes) = (status, bytes);

    public CancellationToken Token => _source.Token;

    /// <summary>Completes when the token has been canceled.</summary>
    public Task Fired { get; private set; } = Task.CompletedTask;

    public static CancelAt Random(Random random, long total) => random.Next(10) switch
    {
        0 => new CancelAt(BitsUploadStatus.Connecting, 0),
        1 => new CancelAt(BitsUploadStatus.Transferred, total),
        2 => new CancelAt(BitsUploadStatus.Transferring, total),
        _ => new CancelAt(BitsUploadStatus.Transferring, random.NextInt64(total)),
    };

    /// <summary>Runs a job that is canceled. Returns "Completed", or the outcome of the cancel.</summary>
    public async Task<string> RunAsync(IBitsUploadJob job)
    {
        try
        {
            await job.RunAsync(this, Token);
            return "Completed";
        }
        catch (BitsUploadCanceledException e)
        {
            return e.Outcome.ToString();
        }
    }

    public void Report(BitsUploadProgress value)
    {
        if (value.Status >= _status && value.BytesSent >= _bytes && Interlocked.Exchange(ref _fired, 1) == 0)
        {
            Fired = Task.Run(_source.Cancel);
        }
    }

    public override string ToString() => $"{_status} {_bytes}";
}
