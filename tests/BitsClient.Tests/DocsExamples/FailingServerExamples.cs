using System.Diagnostics;
using BitsClient.Testing;

namespace BitsClient.Tests.DocsExamples;

/// <summary>
/// The samples of tests in which the server fails, without waiting for retries. The code between two markers also appears in a document,
/// word for word.
/// </summary>
public sealed class FailingServerExamples
{
    private static readonly Uri Destination = new("http://any.name/reports/a.zip");

    // Well below the delays that the samples avoid.
    private static readonly TimeSpan Fast = TimeSpan.FromSeconds(15);

    private readonly byte[] _file = [.. Enumerable.Range(0, 3000).Select(i => (byte)i)];

    [Test]
    public async Task Without_delays()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        Stopwatch watch = Stopwatch.StartNew();

        // <fast-delays>
        BitsUploadOptions options = new() { Retry = { BaseDelay = TimeSpan.Zero } };
        server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(503));

        await using IBitsUploadJob job = new BitsUploadClient(http, options).CreateJob(BitsUploadSource.FromMemory(_file), Destination);
        BitsServerException failure = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!;
        Assert.That(failure.IsTransient, Is.True);
        // </fast-delays>

        Assert.That(watch.Elapsed, Is.LessThan(Fast));
        Assert.That(server.Dialogue.Count(exchange => exchange.PacketType == BitsPacketNames.Fragment), Is.EqualTo(6));
    }

    [Test]
    public async Task With_a_clock()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());

        // <fast-clock>
        server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new BitsHeader("Retry-After", "50")] });
        BitsUploadClient client = new(http, timeProvider: new ImpatientClock());

        await using IBitsUploadJob job = client.CreateJob(BitsUploadSource.FromMemory(_file), Destination);
        Task<BitsUploadResult> running = job.RunAsync();
        // </fast-clock>

        Assert.That((await running.WaitAsync(Fast)).Retries, Is.EqualTo(1));
        Assert.That(server.GetFile("/reports/a.zip"), Is.EqualTo(_file));
    }

    // <impatient-clock>
    /// <summary>Delays of up to a minute elapse at once. Longer ones are timeouts and are left unchanged.</summary>
    private sealed class ImpatientClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            bool isShort = dueTime > TimeSpan.Zero && dueTime <= TimeSpan.FromMinutes(1);
            return base.CreateTimer(callback, state, isShort ? TimeSpan.Zero : dueTime, period);
        }
    }
    // </impatient-clock>
}
