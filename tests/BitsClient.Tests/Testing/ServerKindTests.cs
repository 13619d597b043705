using System.Globalization;
using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

/// <summary>Options for servers that differ from the documents: unknown sessions, sessions of a connection, a wrong clock.</summary>
public sealed class ServerKindTests
{
    private static readonly DateTimeOffset Past = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Test]
    public async Task An_unknown_session_is_answered_with_the_status_of_the_option([Values(400, 404, 500)] int status)
    {
        using BitsTestServer server = new(new BitsTestServerOptions { UnknownSessionStatus = status });
        using Wire wire = Wire.To(server);
        string expected = status.ToString(CultureInfo.InvariantCulture);
        Assert.That(await wire.Cancel("unknown").Text(), Is.EqualTo(expected));
        Assert.That(await wire.Fragment("unknown", Wire.Bytes(4), 0, 4).Text(), Is.EqualTo(expected));
        string id = await wire.Open();
        Assert.That(await wire.Cancel(id).Text(), Is.EqualTo("200 Ack"));
        Assert.That(await wire.Close(id).Text(), Is.EqualTo(expected), "it is gone");
    }

    [TestCase(399)]
    [TestCase(600)]
    public void An_unknown_session_is_answered_with_an_error(int status) =>
        Assert.That(
            () => new BitsTestServer(new BitsTestServerOptions { UnknownSessionStatus = status }),
            Throws.ArgumentException.With.Message.Contains("UnknownSessionStatus"));

    [Test]
    public async Task A_bound_session_is_known_on_its_connection_only_and_blocks_its_URL([Values] bool overSockets)
    {
        using BitsTestServer server = new(new BitsTestServerOptions { BindsSessionsToConnections = true });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using Wire first = Connect(server, overSockets ? host : null);
        using Wire second = Connect(server, overSockets ? host : null);
        string id = await first.Open();
        Assert.That(await second.Cancel(id).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));
        Assert.That(await second.Create().Text(), Is.EqualTo("409"));
        Assert.That(await first.Fragment(id, Wire.Bytes(4), 0, 4).Text(), Does.StartWith("200 Ack"));
        Assert.That(await first.Cancel(id).Text(), Is.EqualTo("200 Ack"));
        Assert.That(await second.Create().Text(), Does.StartWith("200 Ack"));
    }

    [Test]
    public async Task In_memory_a_request_without_an_answer_ends_the_connection([Values] bool isDropped)
    {
        using BitsTestServer server = new(new BitsTestServerOptions { BindsSessionsToConnections = true });
        using Wire wire = Wire.To(server);
        string id = await wire.Open();
        server.Inject(BitsPacketNames.Ping, isDropped ? new BitsFault.DropAfterHandling() : new BitsFault.CloseConnection());
        Task<HttpResponseMessage> ping = wire.Ping();
        Assert.That(() => ping, isDropped ? Throws.TypeOf<HttpRequestException>() : Throws.Nothing);
        Assert.That(await wire.Cancel(id).Text(), Is.EqualTo("500 Ack 0x8020001F/0x5"));
        Assert.That(server.OpenSessionCount, Is.EqualTo(1));
    }

    [Test]
    public async Task The_clock_of_the_server_may_be_wrong([Values] bool overSockets)
    {
        using BitsTestServer server = new(new BitsTestServerOptions { Date = () => Past });
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using Wire wire = Connect(server, overSockets ? host : null);
        using HttpResponseMessage answer = await wire.Ping();
        Assert.That(answer.Headers.Date, Is.EqualTo(Past));

        BitsHeader own = new("Date", Past.AddDays(1).ToString("R", CultureInfo.InvariantCulture));
        server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(503) { Headers = [own] });
        using HttpResponseMessage other = await wire.Ping();
        Assert.That(other.Headers.Date, Is.EqualTo(Past.AddDays(1)));
    }

    private static Wire Connect(BitsTestServer server, BitsTestHost? host) =>
        host is null ? Wire.To(server) : new Wire(new SocketsHttpHandler(), new Uri(host.BaseAddress, "upload/a.bin"));
}
