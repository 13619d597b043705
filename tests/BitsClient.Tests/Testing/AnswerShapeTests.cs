using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

public sealed class AnswerShapeTests
{
    private readonly byte[] _file = Wire.Bytes(10);

    [Test]
    public async Task The_session_id_is_on_the_ack_of_Create_Session_only()
    {
        using var server = new BitsTestServer();
        using var wire = Wire.To(server);
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 10).Text();
        await wire.Close(id).Text();

        Assert.That(id, Does.Match(@"^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$"));
        Assert.That(
            server.Dialogue.Select(exchange => string.Join("|", exchange.AnswerHeaders.Select(header => $"{header.Name}: {header.Value}"))),
            Is.EqualTo(new[]
            {
                "BITS-Packet-Type: Ack|BITS-Protocol: {7df0354d-249b-430f-820d-3d2a9bef4931}|"
                + $"BITS-Session-Id: {id}|Accept-Encoding: identity|Content-Length: 0",
                "BITS-Packet-Type: Ack|BITS-Received-Content-Range: 10|Content-Length: 0",
                "BITS-Packet-Type: Ack|Content-Length: 0",
            }));
    }

    [Test]
    public async Task The_dialogue_keeps_what_the_client_wrote()
    {
        using var server = new BitsTestServer();
        using var wire = Wire.To(server, "/upload/a%20b.bin?x=1");
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 4).Text();

        BitsExchange fragment = server.Dialogue[1];
        Assert.That(fragment.Sequence, Is.EqualTo(2));
        Assert.That(fragment.Host, Is.EqualTo("in-memory"));
        Assert.That(fragment.Method, Is.EqualTo("BITS_POST"));
        Assert.That(fragment.Url.AbsoluteUri, Is.EqualTo("http://bits.test/upload/a%20b.bin?x=1"));
        Assert.That(fragment.PacketType, Is.EqualTo("Fragment"));
        Assert.That(fragment.BodyBytes, Is.EqualTo(4));
        Assert.That(fragment.Status, Is.EqualTo(200));
        Assert.That(fragment.Aborted, Is.False);
        Assert.That(
            fragment.RequestHeaders,
            Is.EqualTo(new BitsHeader[]
            {
                new("BITS-Packet-Type", "Fragment"),
                new("BITS-Session-Id", id),
                new("Content-Range", "bytes 0-3/10"),
                new("Content-Length", "4"),
            }));
        Assert.That(server.Dialogue[0].RequestHeader("content-length"), Is.EqualTo("0"));
        Assert.That(server.Sessions.Single().Path, Is.EqualTo("/upload/a b.bin"));
    }

    [Test]
    public async Task Session_ids_come_from_the_caller_and_are_compared_byte_for_byte()
    {
        using var server = new BitsTestServer(new BitsTestServerOptions { CreateSessionId = () => "/Odd id.bin" });
        using var wire = Wire.To(server);

        Assert.That(await wire.Open(), Is.EqualTo("/Odd id.bin"));
        Assert.That(await wire.Fragment("/odd id.bin", _file, 0, 5).Text(), Does.StartWith("500 Ack 0x8020001F"));
        Assert.That(await wire.Fragment("/Odd id.bin", _file, 0, 5).Text(), Is.EqualTo("200 Ack @5"));
        Assert.That(wire.Create, Throws.TypeOf<BitsTestServerException>());
    }

    [Test]
    public async Task An_answer_names_its_request()
    {
        using var server = new BitsTestServer();
        using var wire = Wire.To(server);
        using var request = new HttpRequestMessage(new HttpMethod("BITS_POST"), Wire.Url);
        using HttpResponseMessage answer = await wire.Send(request);

        Assert.That(answer.RequestMessage, Is.SameAs(request));
    }

    [Test]
    public async Task A_missing_file_is_reported_with_the_sessions_of_the_server()
    {
        using var server = new BitsTestServer();
        using var wire = Wire.To(server);
        Assert.That(() => server.GetFile("/upload/b"), ThrowsWith("There is no file at /upload/b. Sessions: none."));
        await wire.Cancel(await wire.Open()).Text();
        await wire.Fragment(await wire.Open(), _file, 0, 4).Text();

        Assert.That(
            () => server.GetFile("/upload/b"),
            ThrowsWith(
                "There is no file at /upload/b. Sessions: "
                + "/upload/a.bin is canceled with no bytes; /upload/a.bin is open with 4 of 10 bytes."));
        Assert.That(() => server.GetFile(null!), Throws.ArgumentNullException);
        Assert.That(() => server.HasFile(null!), Throws.ArgumentNullException);

        static NUnit.Framework.Constraints.IResolveConstraint ThrowsWith(string message) =>
            Throws.TypeOf<BitsTestServerException>().With.Message.EqualTo(message);
    }

    [Test]
    public async Task A_file_is_found_with_and_without_its_first_slash()
    {
        using var server = new BitsTestServer();
        using var wire = Wire.To(server);
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 10).Text();
        await wire.Close(id).Text();

        Assert.That(server.GetFile("upload/a.bin"), Is.EqualTo(_file));
        Assert.That(server.HasFile("upload/a.bin"), Is.True);
        Assert.That(server.HasFile("//upload/a.bin"), Is.False);
        Assert.That(server.HasFile(""), Is.False);
    }

    [Test]
    public void Wrong_options_are_refused_all_at_once()
    {
        var options = new BitsTestServerOptions { Dialect = (BitsServerDialect)9, StorageDirectory = " ", MaxRequestBytes = 0 };

        Assert.That(
            () => new BitsTestServer(options),
            Throws.ArgumentException.With.Message.Contains("Dialect")
                .And.Message.Contains("StorageDirectory")
                .And.Message.Contains("MaxRequestBytes"));
    }
}
