using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class UploadDialogueTests(BitsServerDialect dialect)
{
    private readonly byte[] _file = Wire.Bytes(30);
    private BitsTestServer _server = null!;
    private Wire _wire = null!;

    private bool IsWin32 => dialect == BitsServerDialect.Win32;

    [SetUp]
    public void Start()
    {
        _server = new BitsTestServer(new BitsTestServerOptions { Dialect = dialect });
        _wire = Wire.To(_server);
    }

    [TearDown]
    public void Stop()
    {
        _wire.Dispose();
        _server.Dispose();
    }

    [Test]
    public async Task Three_fragments_make_the_file()
    {
        Assert.That(await _wire.Ping().Text(), Is.EqualTo("200 Ack"));
        string id = await _wire.Open();
        Assert.That(await _wire.Fragment(id, _file, 0, 10).Text(), Is.EqualTo("200 Ack @10"));
        Assert.That(await _wire.Fragment(id, _file, 10, 20).Text(), Is.EqualTo("200 Ack @20"));
        Assert.That(_server.HasFile("/upload/a.bin"), Is.False);
        Assert.That(await _wire.Fragment(id, _file, 20, 30).Text(), Is.EqualTo("200 Ack @30"));
        Assert.That(_server.HasFile("/upload/a.bin"), Is.EqualTo(IsWin32));
        Assert.That(_server.OpenSessionCount, Is.EqualTo(1));
        Assert.That(await _wire.Close(id).Text(), Is.EqualTo("200 Ack"));

        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
        BitsTestSession closed = new()
        {
            Id = id,
            Path = "/upload/a.bin",
            Received = 30,
            Total = 30,
            State = BitsTestSessionState.Closed,
        };
        Assert.That(_server.Sessions.Single(), Is.EqualTo(closed));
        Assert.That(_server.OpenSessionCount, Is.Zero);
        _server.AssertNoViolations();
    }

    [Test]
    public async Task An_overlap_is_refused_or_only_its_tail_is_written()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 20).Text();

        Assert.That(
            await _wire.Fragment(id, _file, 10, 30).Text(),
            Is.EqualTo(IsWin32 ? "200 Ack @30" : "416 Ack 0x80070057/0x5 @20"));
        if (!IsWin32)
        {
            await _wire.Fragment(id, _file, 20, 30).Text();
        }

        await _wire.Close(id).Text();
        Assert.That(_server.GetFile("/upload/a.bin"), Is.EqualTo(_file));
    }

    [Test]
    public async Task A_fragment_that_was_already_received_changes_nothing()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 20).Text();

        Assert.That(
            await _wire.Fragment(id, _file, 0, 10).Text(),
            Is.EqualTo(IsWin32 ? "200 Ack @20" : "416 Ack 0x80070057/0x5 @20"));
    }

    [Test]
    public async Task A_gap_is_refused_with_the_offset()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 10).Text();

        Assert.That(await _wire.Fragment(id, _file, 11, 20).Text(), Is.EqualTo("416 Ack 0x80070057/0x5 @10"));
    }

    [TestCase(0)]
    [TestCase(10)]
    [TestCase(30)]
    public async Task A_cancel_drops_everything_before_the_file_is_at_its_destination(int sent)
    {
        string id = await _wire.Open();
        if (sent > 0)
        {
            await _wire.Fragment(id, _file, 0, sent).Text();
        }

        Assert.That(await _wire.Cancel(id).Text(), Is.EqualTo("200 Ack"));
        Assert.That(_server.Sessions.Single().State, Is.EqualTo(BitsTestSessionState.Canceled));
        Assert.That(_server.HasFile("/upload/a.bin"), Is.EqualTo(IsWin32 && sent == 30));
        Assert.That(await _wire.Cancel(id).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));
        Assert.That(await _wire.Fragment(id, _file, sent % 30, 30).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));
        _server.AssertNoViolations();
    }

    [Test]
    public async Task A_Close_Session_before_all_bytes_keeps_the_session()
    {
        string id = await _wire.Open();
        Assert.That(await _wire.Close(id).Text(), Is.EqualTo("400 Ack 0x80070057/0x5"));
        await _wire.Fragment(id, _file, 0, 10).Text();
        Assert.That(await _wire.Close(id).Text(), Is.EqualTo("400 Ack 0x80070057/0x5"));

        Assert.That(await _wire.Fragment(id, _file, 10, 30).Text(), Is.EqualTo("200 Ack @30"));
        Assert.That(await _wire.Close(id).Text(), Is.EqualTo("200 Ack"));
    }
}
