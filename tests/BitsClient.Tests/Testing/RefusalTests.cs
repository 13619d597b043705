using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

public sealed class RefusalTests
{
    private const string Invalid = "400 Ack 0x80070057/0x5";

    private readonly byte[] _file = Wire.Bytes(30);
    private BitsTestServer _server = null!;
    private Wire _wire = null!;

    [SetUp]
    public void Start()
    {
        _server = new BitsTestServer(new BitsTestServerOptions { MaxRequestBytes = 20, AllowOverwrite = false });
        _wire = Wire.To(_server);
    }

    [TearDown]
    public void Stop()
    {
        _wire.Dispose();
        _server.Dispose();
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("Append")]
    public async Task An_unknown_packet_type_is_invalid(string? type) => Assert.That(await _wire.Send(type).Text(), Is.EqualTo(Invalid));

    [Test]
    public async Task A_packet_type_may_be_in_any_case() => Assert.That(await _wire.Send("pING").Text(), Is.EqualTo("200 Ack"));

    [TestCase("{7df0354d-249b-430f-820d-3d2a9bef4930}", Invalid)]
    [TestCase("", Invalid)]
    [TestCase("{00000000-0000-0000-0000-000000000000} {7DF0354D-249B-430F-820D-3D2A9BEF4931}", "200 Ack")]
    public async Task Create_Session_needs_a_protocol_that_the_server_speaks(string offered, string answer) =>
        Assert.That(
            await _wire.Send(BitsPacketNames.CreateSession, headers: ("BITS-Supported-Protocols", offered)).Text(),
            Is.EqualTo(answer));

    [Test]
    public async Task Create_Session_without_protocols_is_invalid() =>
        Assert.That(await _wire.Send(BitsPacketNames.CreateSession).Text(), Is.EqualTo(Invalid));

    [TestCase(BitsPacketNames.Fragment)]
    [TestCase(BitsPacketNames.CloseSession)]
    [TestCase(BitsPacketNames.CancelSession)]
    public async Task An_unknown_session_is_not_found_and_a_missing_session_id_is_invalid(string type)
    {
        Assert.That(await _wire.Send(type, headers: ("BITS-Session-Id", "{X}")).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));
        Assert.That(await _wire.Send(type).Text(), Is.EqualTo(Invalid));
    }

    [TestCase("bytes 0-9/10", TestName = "TOTAL changes")]
    [TestCase("bytes 10-19/19", TestName = "END reaches TOTAL")]
    [TestCase("bytes 10-18/30", TestName = "The range is shorter than the body")]
    [TestCase("bytes 19-10/30", TestName = "START is after END")]
    [TestCase("bytes=10-19/30", TestName = "The range is written as a request range")]
    [TestCase("bytes 10-19/*", TestName = "TOTAL is unknown")]
    [TestCase("bytes -10-19/30", TestName = "START is negative")]
    [TestCase("", TestName = "The range is missing")]
    public async Task A_wrong_range_is_invalid_and_changes_nothing(string range)
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 10).Text();
        using var content = new ByteArrayContent(_file, 10, 10);

        Assert.That(await _wire.Fragment(id, range, content).Text(), Is.EqualTo(Invalid));
        Assert.That(await _wire.Fragment(id, _file, 10, 20).Text(), Is.EqualTo("200 Ack @20"));
    }

    [Test]
    public async Task A_range_with_only_one_wrong_bound_is_invalid()
    {
        string id = await _wire.Open();
        using var tooLong = new ByteArrayContent(_file, 0, 10);
        Assert.That(await _wire.Fragment(id, "bytes 0-9/9", tooLong).Text(), Is.EqualTo(Invalid));

        await _wire.Fragment(id, _file, 0, 10).Text();
        using var empty = new ByteArrayContent([]);
        Assert.That(await _wire.Fragment(id, "bytes 10-9/30", empty).Text(), Is.EqualTo(Invalid));
    }

    [TestCase("identity", "200 Ack @10")]
    [TestCase("gzip", Invalid)]
    public async Task Only_the_identity_encoding_is_accepted(string encoding, string answer)
    {
        string id = await _wire.Open();
        using var content = new ByteArrayContent(_file, 0, 10);
        content.Headers.ContentEncoding.Add(encoding);

        Assert.That(await _wire.Fragment(id, "bytes 0-9/30", content).Text(), Is.EqualTo(answer));
    }

    [Test]
    public async Task A_body_without_a_length_is_refused()
    {
        string id = await _wire.Open();
        using var content = new LengthlessContent(_file);

        Assert.That(await _wire.Fragment(id, "bytes 0-29/30", content).Text(), Is.EqualTo("411 Ack 0x80070057/0x5"));
    }

    [Test]
    public async Task Only_a_fragment_has_a_body()
    {
        using var content = new ByteArrayContent(_file, 0, 10);

        Assert.That(await _wire.Send(BitsPacketNames.Ping, content).Text(), Is.EqualTo(Invalid));
    }

    [Test]
    public async Task A_body_over_the_limit_is_refused_by_the_web_server()
    {
        string id = await _wire.Open();

        Assert.That(await _wire.Fragment(id, _file, 0, 20).Text(), Is.EqualTo("200 Ack @20"));
        Assert.That(await _wire.Fragment(id, _file, 0, 21).Text(), Is.EqualTo("413"));
    }

    [Test]
    public async Task Another_method_is_refused_by_the_web_server()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Wire.Url);

        Assert.That(await _wire.Send(request).Text(), Is.EqualTo("405"));
    }

    [Test]
    public async Task An_existing_file_may_be_protected()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 20).Text();
        await _wire.Fragment(id, _file, 20, 30).Text();
        await _wire.Close(id).Text();

        Assert.That(await _wire.Create().Text(), Is.EqualTo("409 Ack 0x80070050/0x5"));
    }

    [TestCase("/upload/a.bin/b.bin", "403 Ack 0x80070005/0x5")]
    [TestCase("/upload", "403 Ack 0x80070005/0x5")]
    [TestCase("/upload/a.bi", "200 Ack")]
    [TestCase("/upload/a.bin2", "200 Ack")]
    public async Task A_path_is_either_a_file_or_a_folder_in_memory_too(string path, string answer)
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 20).Text();
        await _wire.Fragment(id, _file, 20, 30).Text();
        await _wire.Close(id).Text();
        using Wire other = Wire.To(_server, path);

        Assert.That(await other.Create().Text(), Is.EqualTo(answer));
    }

    [TestCase(9)]
    [TestCase(11)]
    public async Task A_body_of_another_length_than_announced_is_never_answered(int announced)
    {
        string id = await _wire.Open();
        using var content = new ByteArrayContent(_file, 0, 10);
        content.Headers.ContentLength = announced;

        Assert.That(() => _wire.Fragment(id, $"bytes 0-{announced - 1}/30", content), Throws.TypeOf<HttpRequestException>());
        Assert.That(_server.Sessions.Single().Received, Is.Zero);
        Assert.That(_server.Dialogue[1].Aborted, Is.True);
    }

    private sealed class LengthlessContent(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            stream.WriteAsync(bytes, 0, bytes.Length);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
