using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Threading;

/// <summary>A client with a server in memory and one asynchronous step; the caller's thread blocks on every call.</summary>
internal sealed class BlockedStage : IDisposable
{
    private readonly BlockedThread _thread;
    private readonly HttpClient _http;

    public BlockedStage(BlockedThread thread, AsyncSteps steps, BitsUploadOptions options)
    {
        _thread = thread;
        Steps = steps;
        Server = new BitsTestServer(new BitsTestServerOptions { Reply = _ => Reply });
        _http = new HttpClient(new SteppedHandler(steps) { InnerHandler = Server.CreateHandler() }) { Timeout = Timeout.InfiniteTimeSpan };
        Time.PassesAtOnce = TimeSpan.FromMilliseconds(500);
        Client = new BitsUploadClient(_http, options, timeProvider: Time);
    }

    public static byte[] Reply { get; } = UploadRig.Bytes(3000);

    public AsyncSteps Steps { get; }

    public BitsTestServer Server { get; }

    public ManualTimeProvider Time { get; } = new();

    public BitsUploadClient Client { get; }

    public byte[] File { get; } = UploadRig.Bytes(3000);

    public IBitsUploadJob CreateJob(BitsReplyTarget? reply = null) =>
        Client.CreateJob(new SteppedSource(Steps, File), UploadRig.Url, reply);

    public void Wait(Task task) => _thread.Wait(task);

    public T Wait<T>(Task<T> task) => _thread.Wait(task);

    /// <summary>Completes once the caller blocks.</summary>
    public Task WhenBlockedAsync() => _thread.WhenBlockedAsync();

    /// <summary>Blocks until the task fails, and returns its exception.</summary>
    public T WaitForFailure<T>(Task task)
        where T : Exception
    {
        try
        {
            Wait(task);
        }
        catch (T e)
        {
            return e;
        }

        throw new AssertionException($"There was no {typeof(T).Name}.");
    }

    public void Dispose()
    {
        _http.Dispose();
        Server.Dispose();
    }
}
