using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

public sealed class ViolationTests
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
    public async Task Two_live_requests_of_a_session_are_a_violation_once_the_first_is_answered()
    {
        string id = await _wire.Open();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
        Task<string> first = _wire.Fragment(id, _file, 0, 10).Text();
        await gate.ReachedByAsync(first);
        await _wire.Fragment(id, _file, 10, 20).Text();
        Assert.That(_server.Violations, Is.Empty);

        gate.Release();
        await first;
        Assert.That(
            _server.Violations,
            Is.EqualTo(new[] { $"Two requests of session {id} were in flight at once: Fragment (#2) and Fragment (#3)." }));
        Assert.That(_server.AssertNoViolations, Throws.TypeOf<BitsTestServerException>().With.Message.Contains(id));
    }

    [Test]
    public async Task A_request_that_its_client_abandoned_is_not_a_violation()
    {
        string id = await _wire.Open();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
        using var client = new CancellationTokenSource();
        Task<string> first = _wire.Fragment(id, _file, 0, 10, client.Token).Text();
        await gate.ReachedByAsync(first);
        await client.CancelAsync();
        await _wire.Cancel(id).Text();

        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
        await _server.WhenSettledAsync().WaitAsync(Wire.Limit);
        _server.AssertNoViolations();
    }

    [Test]
    public async Task A_request_that_is_abandoned_later_is_not_a_violation_either()
    {
        string id = await _wire.Open();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
        using var client = new CancellationTokenSource();
        Task<string> first = _wire.Fragment(id, _file, 0, 10, client.Token).Text();
        await gate.ReachedByAsync(first);
        await _wire.Cancel(id).Text();
        await client.CancelAsync();

        Assert.That(() => first, Throws.InstanceOf<OperationCanceledException>());
        await _server.WhenSettledAsync().WaitAsync(Wire.Limit);
        _server.AssertNoViolations();
    }

    [Test]
    public async Task A_request_that_arrives_after_the_next_one_is_a_violation_unless_its_client_abandoned_it([Values] bool isAbandoned)
    {
        string id = await _wire.Open();
        BitsGate arrived = _server.HoldRequest(BitsPacketNames.CancelSession);
        BitsGate late = _server.HoldRequest(BitsPacketNames.Fragment);
        using var client = new CancellationTokenSource();
        Task<string> cancel = _wire.Cancel(id).Text();
        await arrived.ReachedByAsync(cancel);
        Task<string> fragment = _wire.Fragment(id, _file, 0, 10, client.Token).Text();
        await late.ReachedByAsync(fragment);
        arrived.Release();
        await cancel;
        Assert.That(_server.Violations, Is.Empty);

        if (isAbandoned)
        {
            await client.CancelAsync();
            Assert.That(() => fragment, Throws.InstanceOf<OperationCanceledException>());
        }
        else
        {
            late.Release();
            await fragment;
        }

        await _server.WhenSettledAsync().WaitAsync(Wire.Limit);
        Assert.That(_server.Violations, Has.Count.EqualTo(isAbandoned ? 0 : 1));
    }

    [Test]
    public async Task Two_sessions_may_have_a_request_each()
    {
        string one = await _wire.Open();
        string two = await _wire.Open();
        BitsGate gate = _server.HoldAck(BitsPacketNames.Fragment);
        Task<string> first = _wire.Fragment(one, _file, 0, 10).Text();
        await gate.ReachedByAsync(first);
        await _wire.Fragment(two, _file, 0, 10).Text();
        gate.Release();
        await first;

        _server.AssertNoViolations();
    }

    [Test]
    public async Task A_cancel_after_an_acknowledged_Close_Session_is_a_violation()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 30).Text();
        await _wire.Close(id).Text();
        Assert.That(await _wire.Cancel(id).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));

        Assert.That(
            _server.Violations,
            Is.EqualTo(new[] { $"Session {id} was closed by Close-Session (#3), but Cancel-Session (#4) followed." }));
    }

    [Test]
    public async Task A_Close_Session_whose_ack_was_lost_may_be_repeated()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 30).Text();
        BitsGate gate = _server.HoldAck(BitsPacketNames.CloseSession);
        using var client = new CancellationTokenSource();
        Task<string> close = _wire.Close(id, client.Token).Text();
        await gate.ReachedByAsync(close);
        await client.CancelAsync();
        Assert.That(() => close, Throws.InstanceOf<OperationCanceledException>());
        await _wire.Close(id).Text();

        _server.AssertNoViolations();
    }

    [Test]
    public async Task A_session_may_get_the_id_of_one_that_has_ended()
    {
        using var server = new BitsTestServer(new BitsTestServerOptions { CreateSessionId = () => "1" });
        using var wire = Wire.To(server);
        for (int i = 0; i < 2; i++)
        {
            await wire.Open();
            await wire.Fragment("1", _file, 0, 30).Text();
            await wire.Close("1").Text();
        }

        server.AssertNoViolations();
    }

    [Test]
    public async Task A_fragment_writes_nothing_into_a_later_one()
    {
        string id = await _wire.Open();
        BitsGate earlier = _server.HoldBody(1, 5);
        BitsGate later = _server.HoldBody(2, 5);
        Task<string> stale = _wire.Fragment(id, new byte[30], 0, 30).Text();
        await earlier.ReachedByAsync(stale);
        Task<string> good = _wire.Fragment(id, _file, 0, 30).Text();
        await later.ReachedByAsync(good);
        earlier.Release();
        await stale;
        later.Release();

        Assert.That(await good, Is.EqualTo("200 Ack @30"));
        await _wire.Close(id).Text();
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
    }

    [Test]
    public async Task A_fragment_writes_nothing_after_a_later_packet_was_handled([Values("request", "body")] string where)
    {
        string id = await _wire.Open();
        BitsGate gate = where == "body" ? _server.HoldBody(1, 5) : _server.HoldRequest(BitsPacketNames.Fragment);
        byte[] other = new byte[30];
        Task<string> stale = _wire.Fragment(id, other, 0, 20).Text();
        await gate.ReachedByAsync(stale);
        await _wire.Fragment(id, _file, 0, 10).Text();
        gate.Release();

        Assert.That(await stale, Is.EqualTo("400 Ack 0x80070057/0x5"));
        Assert.That(await _wire.Fragment(id, _file, 10, 30).Text(), Is.EqualTo("200 Ack @30"));
        await _wire.Close(id).Text();
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
    }
}
