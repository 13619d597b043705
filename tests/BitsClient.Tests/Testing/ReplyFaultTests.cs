using System.Net.Http.Headers;
using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

/// <summary>Faults and gates for the download of a reply.</summary>
[TestFixture(false, TestName = "ReplyFaultTests in memory")]
[TestFixture(true, TestName = "ReplyFaultTests over a socket")]
public sealed class ReplyFaultTests(bool overSocket)
{
    private readonly byte[] _reply = Wire.Bytes(200_000);
    private BitsTestServer _server = null!;
    private BitsTestHost? _host;
    private Wire _wire = null!;
    private Uri _replyUrl = null!;

    [SetUp]
    public async Task Start()
    {
        _server = new BitsTestServer(new BitsTestServerOptions { Reply = _ => _reply });
        _host = overSocket ? await BitsTestHost.StartAsync(_server) : null;
        var url = new Uri(_host?.BaseAddress ?? Wire.Url, "/upload/a.bin");
        _wire = new Wire(_host is null ? _server.CreateHandler() : new SocketsHttpHandler { UseProxy = false }, url);
        using HttpResponseMessage last = await _wire.Fragment(await _wire.Open(), Wire.Bytes(30), 0, 30);
        _replyUrl = new Uri(url, last.Header("BITS-Reply-URL"));
    }

    [TearDown]
    public async Task Stop()
    {
        _wire.Dispose();
        await (_host?.DisposeAsync() ?? default);
        _server.Dispose();
    }

    [Test]
    public async Task Another_answer_is_given()
    {
        Inject(new BitsFault.Answer(503) { Ack = false });

        Assert.That(await Get().Text(), Is.EqualTo("503"));
        Assert.That(await Download(), Is.EqualTo(_reply));
    }

    [Test]
    public async Task The_connection_breaks_before_the_answer([Values] bool handled)
    {
        Inject(handled ? new BitsFault.DropAfterHandling() : new BitsFault.DropBeforeBody());

        Assert.That(() => Get(), Throws.TypeOf<HttpRequestException>().With.InnerException.InstanceOf<IOException>());
        await Settled();
        Assert.That(_server.Dialogue[^1].Dropped, Is.True);
        Assert.That(await Download(), Is.EqualTo(_reply));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(150_000)]
    [TestCase(199_999)]
    public async Task The_connection_breaks_after_so_many_bytes(int bytes)
    {
        Inject(new BitsFault.DropInBody(bytes));
        var received = new MemoryStream();
        using HttpResponseMessage answer = await Get();
        using Stream body = await answer.Content.ReadAsStreamAsync();

        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(200_000));
        Assert.That(() => body.CopyToAsync(received).WaitAsync(Wire.Limit), Throws.InstanceOf<HttpIOException>());
        Assert.That(received.ToArray(), Is.EqualTo(_reply[..bytes]));
        await Settled();
        Assert.That(_server.Dialogue[^1].Dropped, Is.True);
        Assert.That(_server.Dialogue[^1].Status, Is.Null);
        Assert.That(await Download(), Is.EqualTo(_reply));
    }

    [Test]
    public async Task A_break_counts_from_the_start_of_a_range()
    {
        Inject(new BitsFault.DropInBody(10));
        using HttpResponseMessage answer = await Get(new RangeHeaderValue(100, 119));
        using Stream body = await answer.Content.ReadAsStreamAsync();
        byte[] received = new byte[20];

        Assert.That(await body.ReadAtLeastAsync(received, 10), Is.EqualTo(10));
        Assert.That(received[..10], Is.EqualTo(_reply[100..110]));
        Assert.That(() => body.ReadAsync(received.AsMemory()).AsTask(), Throws.InstanceOf<HttpIOException>());
    }

    [TestCase(200_000)]
    [TestCase(200_001)]
    public async Task A_reply_that_is_not_longer_than_that_is_not_affected(int bytes)
    {
        Inject(new BitsFault.DropInBody(bytes));
        BitsGate gate = _server.HoldReplyBody(1, bytes);

        Assert.That(await Download(), Is.EqualTo(_reply));
        await Settled();
        Assert.That(_server.Dialogue[^1].Status, Is.EqualTo(200));
        Assert.That(gate.Reached.IsCompleted, Is.False);
    }

    [TestCase(0)]
    [TestCase(150_000)]
    public async Task The_body_is_held_after_so_many_bytes(int bytes)
    {
        BitsGate gate = _server.HoldReplyBody(1, bytes);
        using HttpResponseMessage answer = await Get();
        using Stream body = await answer.Content.ReadAsStreamAsync();
        byte[] received = new byte[200_000];
        await body.ReadExactlyAsync(received.AsMemory(0, bytes)).AsTask().WaitAsync(Wire.Limit);
        Task rest = body.ReadExactlyAsync(received.AsMemory(bytes)).AsTask();
        await gate.ReachedByAsync(rest);

        Assert.That(rest.IsCompleted, Is.False);
        Assert.That(_server.WhenSettledAsync().IsCompleted, Is.False);
        gate.Release();
        await rest.WaitAsync(Wire.Limit);
        await Settled();
        Assert.That(received, Is.EqualTo(_reply));
        Assert.That(_server.Dialogue[^1].Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_client_that_disconnects_leaves_the_gate([Values] bool byToken)
    {
        BitsGate gate = _server.HoldReplyBody(1, 100);
        using HttpResponseMessage answer = await Get();
        using Stream body = await answer.Content.ReadAsStreamAsync();
        using var client = new CancellationTokenSource();
        Task copying = body.CopyToAsync(Stream.Null, client.Token);
        await gate.ReachedByAsync(copying);
        if (byToken)
        {
            await client.CancelAsync();
            Assert.That(() => copying.WaitAsync(Wire.Limit), Throws.InstanceOf<OperationCanceledException>());
        }
        else
        {
            answer.Dispose();
            Assert.That(() => copying.WaitAsync(Wire.Limit), Throws.Exception.Not.TypeOf<TimeoutException>());
        }

        await Settled();
        Assert.That(_server.Dialogue[^1].Aborted, Is.True);
    }

    [Test]
    public async Task The_download_is_held_before_its_answer([Values] bool handled)
    {
        BitsGate gate = handled ? _server.HoldAck(BitsPacketNames.ReplyDownload) : _server.HoldRequest(BitsPacketNames.ReplyDownload);
        Task<byte[]> download = Download();
        await gate.ReachedByAsync(download);

        Assert.That(download.IsCompleted, Is.False);
        gate.Release();
        Assert.That(await download, Is.EqualTo(_reply));
    }

    [Test]
    public async Task The_answer_waits_for_a_clock()
    {
        var clock = new HandClock();
        Inject(new BitsFault.DelayAnswer(TimeSpan.FromMinutes(3), clock));
        Task<byte[]> download = Download();

        Assert.That(await clock.Asked.WaitAsync(Wire.Limit), Is.EqualTo(TimeSpan.FromMinutes(3)));
        Assert.That(download.IsCompleted, Is.False);
        clock.Ring();
        Assert.That(await download, Is.EqualTo(_reply));
    }

    [Test]
    public async Task The_connection_is_closed_after_the_answer()
    {
        Inject(new BitsFault.CloseConnection());
        using HttpResponseMessage answer = await Get();

        Assert.That(answer.Headers.ConnectionClose, Is.True);
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(_reply));
    }

    private void Inject(BitsFault fault) => _server.Inject(BitsPacketNames.ReplyDownload, fault);

    private async Task<HttpResponseMessage> Get(RangeHeaderValue? range = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _replyUrl);
        request.Headers.Range = range;
        return await _wire.Send(request);
    }

    private async Task<byte[]> Download()
    {
        using HttpResponseMessage answer = await Get();
        return await answer.Content.ReadAsByteArrayAsync().WaitAsync(Wire.Limit);
    }

    private Task Settled() => _server.WhenSettledAsync().WaitAsync(Wire.Limit);
}
