using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Leaks;

/// <summary>A client whose jobs all have the same <see cref="Ending"/>, with a clock that counts its timers.</summary>
internal sealed class LeakRig : IDisposable
{
    private readonly ManualTimeProvider _time = new() { PassesAtOnce = TimeSpan.FromMilliseconds(500) };
    private readonly Ending _ending;
    private readonly HttpClient _http;

    public LeakRig(Ending ending, IBitsCheckpointStore? store, Action<BitsUploadOptions>? configure = null)
    {
        _ending = ending;
        Server = new BitsTestServer(new BitsTestServerOptions { Reply = _ => UploadRig.Bytes(3000) });
        _http = new HttpClient(Server.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        Time = new CountedTime(_time);
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, CheckpointStore = store, ComputeSha256 = true };
        Endings.Configure(options, ending);
        configure?.Invoke(options);
        Client = new BitsUploadClient(_http, options, timeProvider: Time);
    }

    public BitsTestServer Server { get; }

    public CountedTime Time { get; }

    public BitsUploadClient Client { get; }

    /// <summary>Brings the job to the ending; the job is disposed only if that is the ending.</summary>
    public Task EndAsync(IBitsUploadJob job, CancellationTokenSource cancel) => Endings.ReachAsync(Server, job, _ending, cancel);

    public void Dispose()
    {
        _http.Dispose();
        Server.Dispose();
    }
}
