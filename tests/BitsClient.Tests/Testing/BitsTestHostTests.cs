using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

public sealed class BitsTestHostTests
{
    private readonly byte[] _file = Wire.Bytes(3_000_000);
    private BitsTestServer _server = null!;
    private BitsTestHost _host = null!;
    private Wire _wire = null!;

    [SetUp]
    public async Task Start()
    {
        _server = new BitsTestServer(new BitsTestServerOptions { MaxRequestBytes = 2_000_000 });
        _host = await BitsTestHost.StartAsync(_server);
        _wire = new Wire(new SocketsHttpHandler { UseProxy = false }, new Uri(_host.BaseAddress, "/upload/a.bin"));
    }

    [TearDown]
    public async Task Stop()
    {
        _wire.Dispose();
        await _host.DisposeAsync();
        _server.Dispose();
    }

    [Test]
    public async Task An_upload_goes_over_a_socket()
    {
        Assert.That(_host.BaseAddress.Host, Is.EqualTo("127.0.0.1"));
        string id = await _wire.Open();
        Assert.That(await _wire.Fragment(id, _file, 0, 2_000_000).Text(), Is.EqualTo("200 Ack @2000000"));
        Assert.That(await _wire.Fragment(id, _file, 10, 1_999_999).Text(), Is.EqualTo("416 Ack 0x80070057/0x5 @2000000"));
        Assert.That(await _wire.Fragment(id, _file, 2_000_000, 3_000_000).Text(), Is.EqualTo("200 Ack @3000000"));
        Assert.That(await _wire.Close(id).Text(), Is.EqualTo("200 Ack"));

        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
        Assert.That(_server.Dialogue[0].Host, Is.EqualTo(_host.BaseAddress.ToString()));
        Assert.That(_server.Dialogue[0].Url, Is.EqualTo(new Uri(_host.BaseAddress, "/upload/a.bin")));
        Assert.That(_server.Dialogue[1].BodyBytes, Is.EqualTo(2_000_000));
        _server.AssertNoViolations();
    }

    [Test]
    public async Task Chunked_bodies_and_other_methods_are_refused()
    {
        string id = await _wire.Open();
        using var chunked = new StreamContent(new MemoryStream(_file, 0, 10));
        chunked.Headers.TryAddWithoutValidation("Content-Range", "bytes 0-9/30");
        var url = new Uri(_host.BaseAddress, "/upload/a.bin");
        using var request = new HttpRequestMessage(new HttpMethod("BITS_POST"), url) { Content = chunked };
        request.Headers.Add("BITS-Packet-Type", "Fragment");
        request.Headers.Add("BITS-Session-Id", id);
        request.Headers.TransferEncodingChunked = true;
        using var other = new HttpRequestMessage(HttpMethod.Get, _host.BaseAddress);

        Assert.That(await _wire.Send(request).Text(), Is.EqualTo("411 Ack 0x80070057/0x5"));
        Assert.That(await _wire.Send(other).Text(), Is.EqualTo("405"));
    }

    [Test]
    public async Task A_client_that_disconnects_during_a_body_leaves_the_session_without_its_bytes()
    {
        string id = await _wire.Open();
        BitsGate gate = _server.HoldBody(1, 100_000);
        using var client = new CancellationTokenSource();
        Task<string> held = _wire.Fragment(id, _file, 0, 200_000, client.Token).Text();
        await gate.ReachedByAsync(held);
        await client.CancelAsync();
        Assert.That(() => held, Throws.InstanceOf<OperationCanceledException>());
        await _server.WhenSettledAsync().WaitAsync(Wire.Limit);

        Assert.That(_server.Dialogue[1].Aborted, Is.True);
        Assert.That(_server.Sessions.Single().Received, Is.Zero);
        Assert.That(await _wire.Fragment(id, _file, 0, 10).Text(), Is.EqualTo("200 Ack @10"));
        _server.AssertNoViolations();
    }

    [Test]
    public async Task An_abandoned_request_is_not_a_violation_however_late_the_server_notices()
    {
        for (int i = 0; i < 20; i++)
        {
            string id = await _wire.Open();
            BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
            using var client = new CancellationTokenSource();
            Task<string> held = _wire.Fragment(id, _file, 0, 1000, client.Token).Text();
            await gate.ReachedByAsync(held);
            await client.CancelAsync();
            gate.Release();
            await _wire.Cancel(id).Text();
            Assert.That(() => held, Throws.InstanceOf<OperationCanceledException>());
        }

        await _server.WhenSettledAsync().WaitAsync(Wire.Limit);
        Assert.That(_server.Dialogue.Count(exchange => exchange.Aborted), Is.EqualTo(20));
        _server.AssertNoViolations();
    }

    [Test]
    public async Task Disposing_does_not_wait_for_a_gate()
    {
        BitsGate gate = _server.HoldAck(BitsPacketNames.Ping);
        Task<string> held = _wire.Ping().Text();
        await gate.ReachedByAsync(held);
        await _host.DisposeAsync().AsTask().WaitAsync(Wire.Limit);

        Assert.That(() => held, Throws.InstanceOf<HttpRequestException>());
    }

    [Test]
    public async Task A_port_that_is_taken_is_an_error()
    {
        using var server = new BitsTestServer();
        Assert.That(() => BitsTestHost.StartAsync(server, _host.BaseAddress.Port), Throws.InstanceOf<IOException>());
        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200 Ack"));
    }
}
