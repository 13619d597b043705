using BitsClient.ContractTests.Support;
using WireMock;
using WireMock.ResponseBuilders;

namespace BitsClient.ContractTests;

/// <summary>A cancel while a fragment is in flight: one Cancel-Session with the server's own session id, and nothing after it.</summary>
public sealed class CancelTests
{
    private const string Cancel = """
        BITS_POST /uploads/report.bin
        BITS-Packet-Type: Cancel-Session
        BITS-Session-Id: {b7E6F3a5-5d7A-4C53-9f26-6C7B3C6b4B11}
        Content-Length: 0
        """;

    [Test]
    public async Task A_canceled_token_during_an_upload_sends_Cancel_Session_once_and_nothing_after_it()
    {
        using MockServer server = new();
        using Gate gate = new();
        using Uploader uploader = new();
        using CancellationTokenSource cancel = new();
        List<string> fragments = HoldSecondFragment(server, gate);
        await using (IBitsUploadJob job = uploader.CreateJob(server))
        {
            Task<BitsUploadResult> running = job.RunAsync(cancellationToken: cancel.Token);
            await gate.ReachedByAsync(running);
            await cancel.CancelAsync();
            Assert.That(
                () => running.WaitAsync(Uploader.Limit),
                Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionCanceled));
        }

        AssertCanceled(server, fragments);
    }

    [Test]
    public async Task CancelAsync_during_an_upload_sends_Cancel_Session_once_and_nothing_after_it()
    {
        using MockServer server = new();
        using Gate gate = new();
        using Uploader uploader = new();
        List<string> fragments = HoldSecondFragment(server, gate);
        await using (IBitsUploadJob job = uploader.CreateJob(server))
        {
            Task<BitsUploadResult> running = job.RunAsync();
            await gate.ReachedByAsync(running);
            Assert.That(await job.CancelAsync().WaitAsync(Uploader.Limit), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
            Assert.That(() => running.WaitAsync(Uploader.Limit), Throws.TypeOf<BitsUploadCanceledException>());
        }

        AssertCanceled(server, fragments);
    }

    // Returns the ranges of all fragments that arrive, including the one that is never answered.
    private static List<string> HoldSecondFragment(MockServer server, Gate gate)
    {
        List<string> arrived = [];
        server.On("Fragment").RespondWith(Response.Create().WithCallback(async fragment =>
        {
            arrived.Add(MockServer.Header(fragment, "Content-Range")!);
            if (arrived.Count == 2)
            {
                await gate.HoldAsync(fragment);
            }

            return server.Store(fragment);
        }));
        return arrived;
    }

    // The requests do not include the held fragment, which was not answered.
    private static void AssertCanceled(MockServer server, List<string> fragments)
    {
        IReadOnlyList<IRequestMessage> requests = server.Requests;
        Assert.That(server.Packets, Is.EqualTo(new[] { "Create-Session", "Fragment", "Cancel-Session" }));
        Assert.That(MockServer.Head(requests[2]), Is.EqualTo(Cancel));
        Assert.That(fragments, Is.EqualTo(new[] { "bytes 0-999/3000", "bytes 1000-1999/3000" }));
    }
}
