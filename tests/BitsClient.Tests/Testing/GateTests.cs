using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

public sealed class GateTests
{
    private readonly byte[] _file = Wire.Bytes(30);
    private BitsTestServer _server = null!;
    private Wire _wire = null!;

    [SetUp]
    public void Start()
    {
        _server = new BitsTestServer();
        _wire = Wire.To(_server);
    }

    [TearDown]
    public void Stop()
    {
        _wire.Dispose();
        _server.Dispose();
    }

    [Test]
    public async Task A_packet_held_at_its_ack_is_handled()
    {
        string id = await _wire.Open();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment, occurrence: 2);
        await _wire.Fragment(id, _file, 0, 10).Text();
        Task<string> held = _wire.Fragment(id, _file, 10, 20).Text();
        await gate.ReachedByAsync(held);

        Assert.That(held.IsCompleted, Is.False);
        Assert.That(_server.Sessions.Single().Received, Is.EqualTo(20));
        Assert.That(_server.Dialogue[2].Status, Is.Null);
        Assert.That(_server.WhenSettledAsync().IsCompleted, Is.False);

        Task settled = _server.WhenSettledAsync();
        gate.Release();
        Assert.That(await held, Is.EqualTo("200 Ack @20"));
        await settled.WaitAsync(Wire.Limit);
        Assert.That(await _wire.Fragment(id, _file, 20, 30).Text(), Is.EqualTo("200 Ack @30"));
    }

    [Test]
    public async Task A_packet_held_at_its_request_is_not_handled()
    {
        BitsGate gate = _server.HoldRequest(BitsPacketNames.CreateSession);
        Task<string> held = _wire.Create().Text();
        await gate.ReachedByAsync(held);

        Assert.That(_server.Sessions, Is.Empty);
        gate.Release();
        Assert.That(await held, Is.EqualTo("200 Ack"));
        Assert.That(_server.Sessions, Has.Count.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(20)]
    public async Task A_body_is_held_after_so_many_bytes(int bytes)
    {
        string id = await _wire.Open();
        BitsGate gate = _server.HoldBody(1, bytes);
        Task<string> held = _wire.Fragment(id, _file, 0, 20).Text();
        await gate.ReachedByAsync(held);

        Assert.That(_server.Dialogue[1].BodyBytes, Is.EqualTo(bytes));
        Assert.That(_server.Sessions.Single().Received, Is.Zero);
        gate.Release();
        Assert.That(await held, Is.EqualTo("200 Ack @20"));
    }

    [Test]
    public async Task A_client_that_disconnects_leaves_the_gate_and_is_not_answered([Values("request", "body", "ack")] string where)
    {
        string id = await _wire.Open();
        BitsGate gate = where switch
        {
            "request" => _server.HoldRequest(BitsPacketNames.Fragment),
            "body" => _server.HoldBody(1, 5),
            _ => _server.HoldAck(BitsPacketNames.Fragment),
        };
        using var client = new CancellationTokenSource();
        Task<string> held = _wire.Fragment(id, _file, 0, 10, client.Token).Text();
        await gate.ReachedByAsync(held);
        await client.CancelAsync();

        OperationCanceledException? thrown = Assert.CatchAsync<OperationCanceledException>(() => held);
        Assert.That(thrown!.CancellationToken, Is.EqualTo(client.Token));
        await _server.WhenSettledAsync().WaitAsync(Wire.Limit);
        Assert.That(_server.Dialogue[1].Aborted, Is.True);
        Assert.That(_server.Dialogue[1].Status, Is.Null);
        Assert.That(_server.Sessions.Single().Received, Is.EqualTo(where == "ack" ? 10 : 0));
    }

    [Test]
    public async Task A_gate_is_reached_by_the_run_that_sends_its_packet()
    {
        BitsGate gate = _server.HoldAck(BitsPacketNames.CreateSession);
        Task<string> held = _wire.Create().Text();
        await gate.ReachedByAsync(held).WaitAsync(Wire.Limit);
        Assert.That(held.IsCompleted, Is.False);
        gate.Release();
        await held;
        await gate.ReachedByAsync(held).WaitAsync(Wire.Limit);
    }

    [Test]
    public void A_gate_that_is_not_reached_reports_how_the_run_ended_instead()
    {
        InvalidOperationException failure = new("The disk is gone.");
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment, 3);
        Assert.That(
            () => gate.ReachedByAsync(Task.FromException(failure)).WaitAsync(Wire.Limit),
            Throws.TypeOf<BitsTestServerException>().With.InnerException.SameAs(failure).And.Message.EqualTo(
                "The gate at Fragment 3 (Ack) was not reached, "
                + "because the run had ended with InvalidOperationException: The disk is gone."));
        Assert.That(
            () => gate.ReachedByAsync(Task.FromCanceled(new CancellationToken(canceled: true))).WaitAsync(Wire.Limit),
            Throws.TypeOf<BitsTestServerException>().With.InnerException.InstanceOf<OperationCanceledException>());
        Assert.That(
            () => _server.HoldBody(1, 500).ReachedByAsync(Task.CompletedTask).WaitAsync(Wire.Limit),
            Throws.TypeOf<BitsTestServerException>().With.Message.EqualTo(
                "The gate at Fragment 1 (Body, byte 500) was not reached, because the run had ended successfully."));
    }

    [Test]
    public async Task A_gate_that_is_not_reached_by_a_canceled_upload_reports_its_outcome()
    {
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
        using HttpClient http = new(_server.CreateHandler());
        await using IBitsUploadJob job = new BitsUploadClient(http).CreateJob(BitsUploadSource.FromMemory(_file), Wire.Url);
        Task<BitsUploadResult> running = job.RunAsync(cancellationToken: new CancellationToken(canceled: true));
        BitsTestServerException missed = Assert.ThrowsAsync<BitsTestServerException>(() => gate.ReachedByAsync(running))!;
        Assert.That(
            missed.InnerException,
            Is.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.NotStarted));
    }

    [Test]
    public void A_token_that_is_already_canceled_sends_nothing()
    {
        Assert.That(
            () => _wire.Fragment("{X}", _file, 0, 10, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_server.Dialogue, Is.Empty);
    }

    [Test]
    public async Task A_client_does_not_wait_for_content_that_ignores_its_token()
    {
        string id = await _wire.Open();
        using var content = new StuckContent();
        using var client = new CancellationTokenSource();
        Task<string> sending = _wire.Fragment(id, "bytes 0-9/10", content, client.Token).Text();
        await client.CancelAsync();

        Assert.That(() => sending, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_server.Dialogue[1].Aborted, Is.True);
    }

    [Test]
    public async Task Nothing_is_kept_of_an_interrupted_body()
    {
        string id = await _wire.Open();
        using var content = new BreakingContent();

        Assert.That(
            () => _wire.Fragment(id, "bytes 0-9/30", content),
            Throws.TypeOf<HttpRequestException>().With.InnerException.TypeOf<IOException>());
        Assert.That(_server.Dialogue[1].BodyBytes, Is.EqualTo(4));
        Assert.That(_server.Dialogue[1].Aborted, Is.True);
        Assert.That(_server.Sessions.Single().Received, Is.Zero);
        await _wire.Fragment(id, _file, 0, 30).Text();
        await _wire.Close(id).Text();
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
    }

    private sealed class StuckContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            new TaskCompletionSource().Task;

        protected override bool TryComputeLength(out long length)
        {
            length = 10;
            return true;
        }
    }

    private sealed class BreakingContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(new byte[4].AsMemory());
            throw new IOException("The source can't be read.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 10;
            return true;
        }
    }
}
