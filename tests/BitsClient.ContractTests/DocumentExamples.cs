using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace BitsClient.ContractTests;

/// <summary>The sample with WireMock.Net. The code between two markers also appears in a document, word for word.</summary>
public sealed class DocumentExamples
{
    [Test]
    public async Task An_upload_is_canceled_in_the_middle()
    {
        // <wiremock>
        using WireMockServer server = WireMockServer.Start("http://127.0.0.1:0");
        TaskCompletionSource secondFragment = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        IResponseBuilder ack = Response.Create().WithHeader("BITS-Packet-Type", "Ack");
        server.Given(Packet("Create-Session")).RespondWith(
            Response.Create().WithHeader("BITS-Packet-Type", "Ack").WithHeader("BITS-Session-Id", "session-1"));
        server.Given(Packet("Fragment").WithHeader("Content-Range", "bytes 0-999/3000")).RespondWith(
            Response.Create().WithHeader("BITS-Packet-Type", "Ack").WithHeader("BITS-Received-Content-Range", "1000"));
        server.Given(Packet("Fragment").WithHeader("Content-Range", "bytes 1000-1999/3000")).RespondWith(
            Response.Create().WithCallback(async _ =>
            {
                secondFragment.TrySetResult();
                await end.Task;
                return new WireMock.ResponseMessage();
            }));
        server.Given(Packet("Cancel-Session")).RespondWith(ack);

        using HttpClient http = new();
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 1000 });
        await using IBitsUploadJob job = client.CreateJob(
            BitsUploadSource.FromMemory(new byte[3000]), new Uri($"{server.Url}/uploads/report.bin"));
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(secondFragment.Task, running);

        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        string?[] canceled =
        [
            .. server.LogEntries.Select(entry => entry.RequestMessage!.Headers!)
                .Where(headers => headers["BITS-Packet-Type"][0] == "Cancel-Session")
                .Select(headers => headers["BITS-Session-Id"][0]),
        ];
        Assert.That(canceled, Is.EqualTo(new[] { "session-1" }));
        end.SetResult();

        static IRequestBuilder Packet(string type) =>
            Request.Create().UsingMethod("BITS_POST").WithHeader("BITS-Packet-Type", type);
        // </wiremock>
    }
}
