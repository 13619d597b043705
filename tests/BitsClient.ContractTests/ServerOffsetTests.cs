using BitsClient.ContractTests.Support;
using WireMock.Server;

namespace BitsClient.ContractTests;

/// <summary>The upload continues from the offset in BITS-Received-Content-Range, whatever was sent before.</summary>
public sealed class ServerOffsetTests
{
    [Test]
    public async Task Bytes_of_a_fragment_that_the_server_did_not_keep_are_sent_again()
    {
        using MockServer server = new();
        using Uploader uploader = new();
        server.On("Fragment", (fragment, before) => server.Store(fragment, upTo: before == 1 ? 1250 : null));
        BitsUploadResult result = await uploader.UploadAsync(server);

        string[] expected = ["bytes 0-999/3000", "bytes 1000-1999/3000", "bytes 1250-2249/3000", "bytes 2250-2999/3000"];
        Assert.That(server.Ranges, Is.EqualTo(expected));
        Assert.That(server.Stored, Is.EqualTo(uploader.File));
        Assert.That(result.BytesResent, Is.EqualTo(750));
    }

    [Test]
    public async Task After_the_server_lost_all_bytes_the_upload_restarts_from_the_first_byte()
    {
        using MockServer server = new();
        using Uploader uploader = new();
        Expect(server, null, "bytes 0-999/3000", "1000", "has 1000");
        Expect(server, "has 1000", "bytes 1000-1999/3000", "0", "lost all");
        Expect(server, "lost all", "bytes 0-999/3000", "1000", "has 1000 again");
        Expect(server, "has 1000 again", "bytes 1000-1999/3000", "2000", "has 2000");
        Expect(server, "has 2000", "bytes 2000-2999/3000", "3000", "has all");
        BitsUploadResult result = await uploader.UploadAsync(server);

        string[] expected =
            ["bytes 0-999/3000", "bytes 1000-1999/3000", "bytes 0-999/3000", "bytes 1000-1999/3000", "bytes 2000-2999/3000"];
        Assert.That(server.Ranges, Is.EqualTo(expected));
        Assert.That(server.Packets.Last(), Is.EqualTo("Close-Session"));
        Assert.That(result.BytesResent, Is.EqualTo(2000));
    }

    [Test]
    public async Task After_416_the_upload_continues_from_the_offset_in_the_answer()
    {
        using MockServer server = new();
        using Uploader uploader = new();
        server.On("Fragment", (fragment, before) => before == 1
            ? MockServer.Answer(416, ("BITS-Packet-Type", "Ack"), ("BITS-Received-Content-Range", "400"), ("BITS-Error-Code", "0x80070057"))
            : server.Store(fragment));
        await uploader.UploadAsync(server);

        string[] expected =
            ["bytes 0-999/3000", "bytes 1000-1999/3000", "bytes 400-1399/3000", "bytes 1400-2399/3000", "bytes 2400-2999/3000"];
        Assert.That(server.Ranges, Is.EqualTo(expected));
        Assert.That(server.Stored, Is.EqualTo(uploader.File));
        Assert.That(server.Packets, Has.Exactly(1).EqualTo("Create-Session"), "the session stays the same");
    }

    // Sets the answer to the fragment that is expected in a scenario state. Other fragments are stored as usual and appear in the ranges.
    private static void Expect(MockServer server, string? state, string range, string offset, string next)
    {
        IRespondWithAProvider mapping = server.On("Fragment", range).InScenario("offsets");
        mapping = state is null ? mapping : mapping.WhenStateIs(state);
        mapping.WillSetStateTo(next).RespondWith(MockServer.Ack().WithHeader("BITS-Received-Content-Range", offset));
    }
}
