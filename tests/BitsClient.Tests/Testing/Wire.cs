using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

/// <summary>Sends hand-written packets to a test server.</summary>
internal sealed class Wire(HttpMessageHandler handler, Uri url) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(handler);

    public static Uri Url { get; } = new("http://bits.test/upload/a.bin");

    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(20);

    public static Wire To(BitsTestServer server, string path = "/upload/a.bin") => new(server.CreateHandler(), new Uri(Url, path));

    public static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    public Task<HttpResponseMessage> Ping() => Send(BitsPacketNames.Ping);

    public Task<HttpResponseMessage> Create() =>
        Send(BitsPacketNames.CreateSession, headers: ("BITS-Supported-Protocols", "{7df0354d-249b-430f-820d-3d2a9bef4931}"));

    public async Task<string> Open()
    {
        using HttpResponseMessage answer = await Create();
        return answer.Headers.GetValues("BITS-Session-Id").Single();
    }

    public Task<HttpResponseMessage> Fragment(string id, byte[] file, int start, int end, CancellationToken token = default) =>
        Fragment(id, $"bytes {start}-{end - 1}/{file.Length}", new ByteArrayContent(file, start, end - start), token);

    public Task<HttpResponseMessage> Fragment(string id, string range, HttpContent content, CancellationToken token = default)
    {
        content.Headers.TryAddWithoutValidation("Content-Range", range);
        return Send(BitsPacketNames.Fragment, content, token, ("BITS-Session-Id", id));
    }

    public Task<HttpResponseMessage> Close(string id, CancellationToken token = default) =>
        Send(BitsPacketNames.CloseSession, token: token, headers: ("BITS-Session-Id", id));

    public Task<HttpResponseMessage> Cancel(string id) => Send(BitsPacketNames.CancelSession, headers: ("BITS-Session-Id", id));

    public Task<HttpResponseMessage> Send(
        string? packetType,
        HttpContent? content = null,
        CancellationToken token = default,
        params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod("BITS_POST"), url) { Content = content };
        if (packetType is not null)
        {
            request.Headers.TryAddWithoutValidation("BITS-Packet-Type", packetType);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Send(request, token);
    }

    public Task<HttpResponseMessage> Send(HttpRequestMessage request, CancellationToken token = default) =>
        _invoker.SendAsync(request, token).WaitAsync(Limit, CancellationToken.None);

    public void Dispose() => _invoker.Dispose();
}
