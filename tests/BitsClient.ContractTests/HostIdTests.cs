using BitsClient.ContractTests.Support;

namespace BitsClient.ContractTests;

/// <summary>A server that names another host for the session (BITS-Host-Id).</summary>
public sealed class HostIdTests
{
    [Test]
    public async Task After_a_host_id_a_Ping_and_then_the_other_packets_go_to_that_host()
    {
        using MockServer origin = new();
        using MockServer node = new();
        using Uploader uploader = new();
        origin.On("Create-Session").RespondWith(MockServer.Ack()
            .WithHeader("BITS-Protocol", "{7df0354d-249b-430f-820d-3d2a9bef4931}")
            .WithHeader("BITS-Session-Id", MockServer.SessionId)
            .WithHeader("BITS-Host-Id", node.Authority));
        await uploader.UploadAsync(origin);

        Assert.That(origin.Packets, Is.EqualTo(new[] { "Create-Session" }));
        Assert.That(node.Packets, Is.EqualTo(new[] { "Ping", "Fragment", "Fragment", "Fragment", "Close-Session" }));
        Assert.That(node.SessionIds, Is.EqualTo(Enumerable.Repeat(MockServer.SessionId, 4)));
        Assert.That(node.Requests.Select(request => MockServer.Header(request, "Host")), Is.All.EqualTo(node.Authority));
        Assert.That(
            MockServer.Head(node.Requests[0]),
            Is.EqualTo("""
                BITS_POST /uploads/report.bin
                BITS-Packet-Type: Ping
                Content-Length: 0
                """));
        Assert.That(node.Stored, Is.EqualTo(uploader.File));
    }
}
