using System.Net;
using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Output;

/// <summary>What --verbose writes.</summary>
public sealed class PacketLineHandlerTests
{
    private static readonly Uri Url = new("http://server:8080/in/a.bin?sig=sesame");

    [Test]
    public async Task A_packet_is_one_line_with_its_answer()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        request.Headers.Add("BITS-Packet-Type", "Create-Session");

        Assert.That(
            await LinesAsync(request, _ => new HttpResponseMessage(HttpStatusCode.OK)),
            Is.EqualTo((string[])["Create-Session to http://server:8080/in/a.bin: 200 OK (0 ms)"]));
    }

    [Test]
    public async Task A_fragment_has_its_range()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url) { Content = new ByteArrayContent(new byte[10]) };
        request.Headers.Add("BITS-Packet-Type", "Fragment");
        request.Content.Headers.Add("Content-Range", "bytes 10-19/40");

        Assert.That(
            await LinesAsync(request, _ => new HttpResponseMessage(HttpStatusCode.OK)),
            Is.EqualTo((string[])["Fragment 10-19/40 to http://server:8080/in/a.bin: 200 OK (0 ms)"]));
    }

    [Test]
    public async Task The_download_of_a_reply_is_shown_by_its_method()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Url);

        Assert.That(
            await LinesAsync(request, _ => new HttpResponseMessage(HttpStatusCode.NotFound) { ReasonPhrase = "No\u001b[2J" }),
            Is.EqualTo((string[])["GET to http://server:8080/in/a.bin: 404 No [2J (0 ms)"]));
    }

    [Test]
    public async Task A_failure_is_shown_with_its_reason()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);

        Assert.That(
            await LinesAsync(request, _ => throw new HttpRequestException("It failed.", new IOException("The cable\nis cut"))),
            Is.EqualTo((string[])["POST to http://server:8080/in/a.bin: no answer: The cable is cut (0 ms)"]));
    }

    private static async Task<string[]> LinesAsync(HttpRequestMessage request, Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using StringWriter writer = new();
        using HttpMessageInvoker http = new(new PacketLineHandler(writer, new ManualTimeProvider(), new AnswerHandler(answer)));
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
        }
        catch (HttpRequestException)
        {
            // It is passed on.
        }

        return writer.ToString().Split(writer.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
