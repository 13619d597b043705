using System.Net;
using BitsClient.Cli.Output;

namespace BitsClient.Cli.Tests.Output;

/// <summary>What --trace writes, and what it masks.</summary>
public sealed class TraceHandlerTests
{
    private static readonly Uri Url = new("http://server:8080/in/a.bin");

    private static string[] SecretHeaders =>
    [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "Ocp-Apim-Subscription-Key", "X-Auth-Token",
        "X-Amz-Security-Token", "X-CSRFToken", "X-Client-Secret", "X-Password", "x-vault-TOKEN",
    ];

    [TestCaseSource(nameof(SecretHeaders))]
    public async Task The_value_of_a_possibly_secret_header_is_masked_in_a_request(string name)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        request.Headers.TryAddWithoutValidation(name, "sesame");

        Assert.That(await TraceAsync(request), Has.One.EqualTo($"> {name}: ***").And.None.Contain("sesame"));
    }

    [TestCaseSource(nameof(SecretHeaders))]
    public async Task The_value_of_such_a_header_is_masked_in_an_answer(string name)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        using HttpResponseMessage response = new(HttpStatusCode.OK);
        response.Headers.TryAddWithoutValidation(name, "sesame");

        Assert.That(await TraceAsync(request, response), Has.One.EqualTo($"< {name}: ***").And.None.Contain("sesame"));
    }

    [TestCase("BITS-Session-Id", "{7df0354d-249b-430f-820d-3d2a9bef4931}")]
    [TestCase("X-One", "1, 2")]
    [TestCase("X-Mail", "me@example.org")]
    [TestCase("X-Path", "/a@b")]
    public async Task Other_headers_are_shown_unchanged(string name, string value)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        request.Headers.TryAddWithoutValidation(name, value);

        Assert.That(await TraceAsync(request), Has.One.EqualTo($"> {name}: {value}"));
    }

    [TestCase("http://me:sesame@elsewhere/a.bin?sig=sesame", "http://***@elsewhere/a.bin?***")]
    [TestCase("http://elsewhere/a.bin?sig=sesame", "http://elsewhere/a.bin?***")]
    [TestCase("//sesame@elsewhere/a.bin", "//***@elsewhere/a.bin")]
    [TestCase("/a.bin?sig=sesame", "/a.bin?***")]
    [TestCase("http://elsewhere/a.bin", "http://elsewhere/a.bin")]
    public async Task A_URL_in_a_header_shows_no_query_and_no_user(string url, string shown)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        using HttpResponseMessage response = new(HttpStatusCode.Redirect);
        response.Headers.TryAddWithoutValidation("Location", url);

        Assert.That(await TraceAsync(request, response), Has.One.EqualTo($"< Location: {shown}").And.None.Contain("sesame"));
    }

    [Test]
    public async Task A_packet_and_its_answer_are_shown_line_by_line()
    {
        using ByteArrayContent body = new(new byte[10]);
        body.Headers.TryAddWithoutValidation("Content-Range", "bytes 0-9/10");
        body.Headers.ContentLength = 10;
        using HttpRequestMessage request = new(new HttpMethod("BITS_POST"), new Uri(Url, "?sig=sesame")) { Content = body };
        request.Headers.TryAddWithoutValidation("BITS-Packet-Type", "Fragment");
        using HttpResponseMessage response = new(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
        response.Headers.TryAddWithoutValidation("BITS-Packet-Type", "Ack");

        Assert.That(await TraceAsync(request, response), Is.EqualTo((string[])
        [
            "> BITS_POST /in/a.bin?*** HTTP/1.1",
            "> Host: server:8080",
            "> BITS-Packet-Type: Fragment",
            "> Content-Range: bytes 0-9/10",
            "> Content-Length: 10",
            "> [10 bytes]",
            "< HTTP/1.1 200 OK",
            "< BITS-Packet-Type: Ack",
        ]));
    }

    [Test]
    public async Task A_packet_without_a_body_shows_its_length()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);

        Assert.That(await TraceAsync(request), Is.SupersetOf((string[])["> Content-Length: 0", "> [0 bytes]"]));
    }

    [Test]
    public async Task A_header_cannot_break_its_line()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        using HttpResponseMessage response = new(HttpStatusCode.OK) { ReasonPhrase = "OK\u001b[2J\u2028> forged" };

        Assert.That(await TraceAsync(request, response), Has.One.EqualTo("< HTTP/1.1 200 OK [2J > forged"));
    }

    [Test]
    public async Task An_exception_is_shown_as_no_answer()
    {
        using StringWriter trace = new();

        Assert.That(
            async () => await SendAsync(trace, (_, _) => throw new HttpRequestException("Refused\nby it.")),
            Throws.TypeOf<HttpRequestException>());

        Assert.That(Lines(trace)[^1], Is.EqualTo("< no answer: Refused by it."));
    }

    [Test]
    public async Task A_canceled_packet_is_shown_as_abandoned()
    {
        using StringWriter trace = new();
        using CancellationTokenSource cancel = new();

        Assert.That(
            async () => await SendAsync(trace, async (_, cancellationToken) =>
            {
                await cancel.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
                return new HttpResponseMessage();
            }, cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(Lines(trace)[^1], Is.EqualTo("< abandoned"));
    }

    /// <summary>Otherwise, the messages of two threads could mix.</summary>
    [Test]
    public async Task Each_message_is_written_in_one_call()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        using CountingWriter trace = new();

        await SendAsync(trace, request, (_, _) => Task.FromResult(new HttpResponseMessage()));

        Assert.That(trace.Writes, Is.EqualTo(2));
    }

    private static async Task<string[]> TraceAsync(HttpRequestMessage request, HttpResponseMessage? response = null)
    {
        using StringWriter trace = new();
        await SendAsync(trace, request, (_, _) => Task.FromResult(response ?? new HttpResponseMessage()));
        return Lines(trace);
    }

    private static async Task SendAsync(
        TextWriter trace,
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer,
        CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Url);
        await SendAsync(trace, request, answer, cancellationToken);
    }

    private static async Task SendAsync(
        TextWriter trace,
        HttpRequestMessage request,
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer,
        CancellationToken cancellationToken = default)
    {
        using HttpMessageInvoker http = new(new TraceHandler(trace, new Answering(answer)));
        await http.SendAsync(request, cancellationToken);
    }

    private static string[] Lines(StringWriter trace) => trace.ToString().Split(trace.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private sealed class Answering(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request, cancellationToken);
    }

    private sealed class CountingWriter : StringWriter
    {
        public int Writes { get; private set; }

        public override Task WriteLineAsync(string? value)
        {
            Writes++;
            return Task.CompletedTask;
        }
    }
}
