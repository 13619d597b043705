using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

[TestFixture(false, TestName = "FaultTests in memory")]
[TestFixture(true, TestName = "FaultTests over a socket")]
public sealed class FaultTests(bool overSocket)
{
    private readonly byte[] _file = Wire.Bytes(30);
    private BitsTestServer _server = null!;
    private BitsTestHost? _host;
    private Wire _wire = null!;

    [SetUp]
    public Task Start() => Start(new BitsTestServerOptions());

    [TearDown]
    public async Task Stop()
    {
        _wire.Dispose();
        await (_host?.DisposeAsync() ?? default);
        _server.Dispose();
    }

    [Test]
    public async Task A_connection_may_break_before_the_body()
    {
        string id = await _wire.Open();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.DropBeforeBody(), occurrence: 2);
        await _wire.Fragment(id, _file, 0, 10).Text();
        AssertDropped(() => _wire.Fragment(id, _file, 10, 20));
        await Settled();

        Assert.That(_server.Dialogue[2].Dropped, Is.True);
        Assert.That(_server.Dialogue[2].Status, Is.Null);
        Assert.That(_server.Dialogue[2].BodyBytes, Is.Zero);
        Assert.That(await _wire.Fragment(id, _file, 10, 20).Text(), Is.EqualTo("200 Ack @20"));
    }

    [TestCase(false, 0)]
    [TestCase(true, 5)]
    public async Task A_connection_may_break_in_the_body(bool keep, int received)
    {
        await Start(new BitsTestServerOptions { KeepBrokenFragments = keep });
        string id = await _wire.Open();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.DropInBody(5));
        AssertDropped(() => _wire.Fragment(id, _file, 0, 10));
        await Settled();

        Assert.That(_server.Dialogue[1].Dropped, Is.True);
        Assert.That(_server.Dialogue[1].BodyBytes, Is.EqualTo(5));
        Assert.That(_server.Sessions.Single().Received, Is.EqualTo(received));
        Assert.That(await _wire.Fragment(id, _file, received, 30).Text(), Is.EqualTo("200 Ack @30"));
        await _wire.Close(id).Text();
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
    }

    [Test]
    public async Task An_ack_may_be_lost()
    {
        string id = await _wire.Open();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling());
        AssertDropped(() => _wire.Fragment(id, _file, 0, 10));
        await Settled();

        Assert.That(_server.Dialogue[1].Dropped, Is.True);
        Assert.That(_server.Sessions.Single().Received, Is.EqualTo(10));
    }

    [TestCase(false, 0)]
    [TestCase(true, 10)]
    public async Task Any_answer_may_be_given_before_or_after_handling(bool after, int received)
    {
        string id = await _wire.Open();
        _server.Inject(
            BitsPacketNames.Fragment,
            new BitsFault.Answer(503)
            {
                ErrorCode = "ff",
                ErrorContext = "7",
                Headers = [new BitsHeader("Retry-After", "3")],
                AfterHandling = after,
            });
        using HttpResponseMessage answer = await _wire.Fragment(id, _file, 0, 10);

        Assert.That(await Task.FromResult(answer).Text(), Is.EqualTo("503 Ack ff/7"));
        Assert.That(answer.Header("Retry-After"), Is.EqualTo("3"));
        Assert.That(_server.Sessions.Single().Received, Is.EqualTo(received));
    }

    [Test]
    public async Task A_login_page_and_a_redirect_have_no_ack()
    {
        _server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(200) { Ack = false });
        _server.Inject(
            BitsPacketNames.Ping,
            new BitsFault.Answer(302) { Ack = false, Headers = [new BitsHeader("Location", "/login")] },
            occurrence: 2);

        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200"));
        using HttpResponseMessage redirect = await _wire.Ping();
        Assert.That((int)redirect.StatusCode, Is.EqualTo(302));
        Assert.That(redirect.Header("Location"), Is.EqualTo("/login"));
        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200 Ack"));
    }

    [Test]
    public async Task A_body_may_never_end()
    {
        _server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(500) { Ack = false, Endless = true });
        using HttpResponseMessage answer = await _wire.Ping();
        using Stream body = await answer.Content.ReadAsStreamAsync();
        using var client = new CancellationTokenSource();

        Assert.That((int)answer.StatusCode, Is.EqualTo(500));
        Assert.That(answer.Content.Headers.ContentLength, Is.Null);
        Assert.That(await body.ReadAsync(new byte[1].AsMemory()).AsTask().WaitAsync(Wire.Limit), Is.EqualTo(1));
        Task<int> more = body.ReadAsync(new byte[1].AsMemory(), client.Token).AsTask();
        Assert.That(more.IsCompleted, Is.False);
        await client.CancelAsync();
        Assert.That(() => more, Throws.InstanceOf<OperationCanceledException>());
        answer.Dispose();
        await Settled();
    }

    [TestCase("0-9/30", "200 Ack @0-9/30")]
    [TestCase("-1", "200 Ack @-1")]
    [TestCase(null, "200 Ack")]
    public async Task The_offset_may_be_wrong_or_missing(string? value, string answer)
    {
        string id = await _wire.Open();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange(value));

        Assert.That(await _wire.Fragment(id, _file, 0, 10).Text(), Is.EqualTo(answer));
    }

    [Test]
    public async Task The_offset_may_be_misspelled()
    {
        string id = await _wire.Open();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.MisspelledContentRange());
        using HttpResponseMessage answer = await _wire.Fragment(id, _file, 0, 10);

        Assert.That(answer.Header("BITS-Recieved-Content-Range"), Is.EqualTo("10"));
        Assert.That(answer.Header("BITS-Received-Content-Range"), Is.Null);
    }

    [Test]
    public async Task A_session_may_be_lost()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 10).Text();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession());

        Assert.That(await _wire.Fragment(id, _file, 10, 20).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));
        Assert.That(_server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Lost));
        Assert.That(_server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task Only_the_first_bytes_of_a_fragment_may_be_kept()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 5).Text();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.KeepBytes(3));

        Assert.That(await _wire.Fragment(id, _file, 5, 30).Text(), Is.EqualTo("200 Ack @8"));
        Assert.That(await _wire.Fragment(id, _file, 8, 30).Text(), Is.EqualTo("200 Ack @30"));
        await _wire.Close(id).Text();
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
    }

    [TestCase(BitsServerDialect.McBup)]
    [TestCase(BitsServerDialect.Win32)]
    public async Task Bytes_sent_again_may_be_appended_twice(BitsServerDialect dialect)
    {
        await Start(new BitsTestServerOptions { Dialect = dialect });
        _server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.AppendAgain());
        string id = await _wire.Open();

        Assert.That(await _wire.Fragment(id, _file, 0, 10).Text(), Is.EqualTo("200 Ack @10"));
        Assert.That(await _wire.Fragment(id, _file, 5, 15).Text(), Is.EqualTo("200 Ack @15"));
        Assert.That(await _wire.Fragment(id, _file, 15, 30).Text(), Is.EqualTo("200 Ack @30"));
        Assert.That(await _wire.Close(id).Text(), Is.EqualTo("200 Ack"));
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file[..10].Concat(_file[5..30])));
    }

    [Test]
    public async Task An_answer_may_wait_for_a_clock()
    {
        var clock = new HandClock();
        _server.Inject(BitsPacketNames.Ping, new BitsFault.DelayAnswer(TimeSpan.FromMinutes(3), clock));
        Task<string> waiting = _wire.Ping().Text();

        Assert.That(await clock.Asked.WaitAsync(Wire.Limit), Is.EqualTo(TimeSpan.FromMinutes(3)));
        Assert.That(waiting.IsCompleted, Is.False);
        clock.Ring();
        Assert.That(await waiting, Is.EqualTo("200 Ack"));
    }

    [Test]
    public async Task An_answer_may_never_come()
    {
        string id = await _wire.Open();
        _server.Inject(BitsPacketNames.Fragment, new BitsFault.NeverAnswer());
        using var client = new CancellationTokenSource();
        Task<string> waiting = _wire.Fragment(id, _file, 0, 10, client.Token).Text();
        BitsGate next = _server.HoldRequest(BitsPacketNames.Ping);
        Task<string> ping = _wire.Ping().Text();
        await next.ReachedByAsync(ping);
        next.Release();
        await ping;

        Assert.That(waiting.IsCompleted, Is.False);
        await client.CancelAsync();
        Assert.That(() => waiting, Throws.InstanceOf<OperationCanceledException>());
        await Settled();
        Assert.That(
            _server.Dialogue.Count(exchange => exchange.Status is null),
            Is.EqualTo(_server.Dialogue.Count(exchange => exchange.Aborted)));
    }

    [Test]
    public async Task Every_answer_may_close_its_connection()
    {
        _server.InjectEvery(BitsPacketNames.Ping, new BitsFault.CloseConnection());
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage answer = await _wire.Ping();
            Assert.That(answer.Headers.ConnectionClose, Is.True);
        }
    }

    [Test]
    public async Task A_fault_may_be_conditional_and_be_cleared()
    {
        int asked = 0;
        _server.InjectEvery(BitsPacketNames.Ping, new BitsFault.Answer(500), () => ++asked % 2 == 0);

        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200 Ack"));
        Assert.That(await _wire.Ping().Text(), Is.EqualTo("500 Ack"));
        Assert.That((await _wire.Open()).Length, Is.EqualTo(38));
        Assert.That(asked, Is.EqualTo(2));
        _server.ClearFaults();
        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200 Ack"));
        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200 Ack"));
    }

    private async Task Start(BitsTestServerOptions options)
    {
        if (_server is not null)
        {
            await Stop();
        }

        _server = new BitsTestServer(options);
        _host = overSocket ? await BitsTestHost.StartAsync(_server) : null;
        _wire = _host is null
            ? Wire.To(_server)
            : new Wire(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }, new Uri(_host.BaseAddress, "/upload/a.bin"));
    }

    private static void AssertDropped(Func<Task> send) =>
        Assert.That(send, Throws.TypeOf<HttpRequestException>().With.InnerException.InstanceOf<IOException>());

    private Task Settled() => _server.WhenSettledAsync().WaitAsync(Wire.Limit);
}
