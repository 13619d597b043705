using BitsClient.Cli.Output;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Output;

/// <summary>What 'serve' writes when a session ends.</summary>
public sealed class SessionLogTests
{
    private static readonly CancellationToken Stopped = new(canceled: true);

    [Test]
    public async Task A_stored_file_is_one_line_even_with_a_line_break_in_its_name()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        await new BitsUploadClient(http).CreateJob(BitsUploadSource.FromMemory(new byte[1]), new Uri("http://server/a%0ab.bin")).RunAsync();

        Assert.That(await LogAsync(server), Is.EqualTo((string[])["/a b.bin: 1 byte"]));
    }

    [Test]
    public async Task A_canceled_upload_shows_its_offset_and_an_open_one_is_not_shown()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        string none = await CreateSessionAsync(http, "none.bin");
        string some = await CreateSessionAsync(http, "some.bin");
        await CreateSessionAsync(http, "open.bin");
        await SendAsync(http, "some.bin", BitsPacketNames.Fragment, some, new byte[10], "bytes 0-9/20");
        await SendAsync(http, "none.bin", BitsPacketNames.CancelSession, none);
        await SendAsync(http, "some.bin", BitsPacketNames.CancelSession, some);

        Assert.That(
            await LogAsync(server),
            Is.EqualTo((string[])["/none.bin: canceled before its first byte", "/some.bin: canceled at 10 of 20 bytes"]));
    }

    [Test]
    public async Task Each_session_is_written_once()
    {
        using BitsTestServer server = new();
        using HttpClient http = new(server.CreateHandler());
        using StringWriter writer = new();
        SessionLog log = new(server, writer);
        string id = await CreateSessionAsync(http, "a.bin");
        await log.WriteUntilAsync(Stopped);
        Assert.That(writer.ToString(), Is.Empty);
        await SendAsync(http, "a.bin", BitsPacketNames.CancelSession, id);
        await log.WriteUntilAsync(Stopped);
        await log.WriteUntilAsync(Stopped);

        Assert.That(writer.ToString(), Is.EqualTo($"/a.bin: canceled before its first byte{writer.NewLine}"));
    }

    private static async Task<string[]> LogAsync(BitsTestServer server)
    {
        using StringWriter writer = new();
        await new SessionLog(server, writer).WriteUntilAsync(Stopped);
        return writer.ToString().Split(writer.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    private static Task<string> CreateSessionAsync(HttpClient http, string name) => SendAsync(http, name, BitsPacketNames.CreateSession);

    private static async Task<string> SendAsync(
        HttpClient http, string name, string type, string? session = null, byte[]? body = null, string? range = null)
    {
        using HttpRequestMessage request =
            new(new HttpMethod("BITS_POST"), $"http://server/{name}") { Content = new ByteArrayContent(body ?? []) };
        request.Headers.TryAddWithoutValidation("BITS-Packet-Type", type);
        request.Headers.TryAddWithoutValidation("BITS-Supported-Protocols", "{7df0354d-249b-430f-820d-3d2a9bef4931}");
        if (session is not null)
        {
            request.Headers.TryAddWithoutValidation("BITS-Session-Id", session);
        }

        if (range is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
        }

        using HttpResponseMessage response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return session ?? response.Headers.GetValues("BITS-Session-Id").Single();
    }
}
