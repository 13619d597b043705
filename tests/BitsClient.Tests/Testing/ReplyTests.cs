using System.Net.Http.Headers;
using BitsClient.Testing;

namespace BitsClient.Tests.Testing;

[TestFixture(false, TestName = "ReplyTests in memory")]
[TestFixture(true, TestName = "ReplyTests over a socket")]
public sealed class ReplyTests(bool overSocket)
{
    private readonly byte[] _file = Wire.Bytes(30);
    private readonly byte[] _reply = Wire.Bytes(100);
    private BitsTestServer _server = null!;
    private BitsTestHost? _host;
    private Wire _wire = null!;
    private Uri _url = null!;

    [SetUp]
    public async Task Start()
    {
        _server = new BitsTestServer(new BitsTestServerOptions { Reply = session => [(byte)session.Received, .. _reply[1..]] });
        _reply[0] = 30;
        _host = overSocket ? await BitsTestHost.StartAsync(_server) : null;
        _url = new Uri(_host?.BaseAddress ?? Wire.Url, "/upload/a.bin");
        _wire = new Wire(_host is null ? _server.CreateHandler() : new SocketsHttpHandler { UseProxy = false }, _url);
    }

    [TearDown]
    public async Task Stop()
    {
        _wire.Dispose();
        await (_host?.DisposeAsync() ?? default);
        _server.Dispose();
    }

    [Test]
    public async Task The_last_ack_names_the_reply_URL_as_IIS_does()
    {
        (string id, string url) = await Upload();

        Assert.That(_server.Dialogue[1].AnswerHeader("BITS-Reply-URL"), Is.Null);
        Assert.That(url, Does.Match(@"^BITS-Sessions\\Replies\\\{[0-9A-F-]{36}\}\\responsefile\.bin$"));
        using HttpResponseMessage answer = await Get(url);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(_reply));
        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(100));
        Assert.That(answer.Headers.ETag, Is.Not.Null);
        Assert.That(answer.Content.Headers.LastModified, Is.Not.Null);

        await _wire.Close(id).Text();
        using HttpResponseMessage gone = await Get(url);
        Assert.That((int)gone.StatusCode, Is.EqualTo(404));
        _server.AssertNoViolations();
    }

    [TestCase(10L, 19L, 10, 20)]
    [TestCase(90L, null, 90, 100)]
    [TestCase(90L, 500L, 90, 100)]
    [TestCase(null, 5L, 95, 100)]
    public async Task A_range_of_the_reply_is_served(long? from, long? to, int start, int end)
    {
        (_, string url) = await Upload();
        using HttpResponseMessage answer = await Get(url, new RangeHeaderValue(from, to));

        Assert.That((int)answer.StatusCode, Is.EqualTo(206));
        Assert.That(answer.Content.Headers.ContentRange!.ToString(), Is.EqualTo($"bytes {start}-{end - 1}/100"));
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(_reply[start..end]));
    }

    [Test]
    public async Task A_range_beyond_the_reply_is_refused()
    {
        (_, string url) = await Upload();
        using HttpResponseMessage answer = await Get(url, new RangeHeaderValue(100, null));

        Assert.That((int)answer.StatusCode, Is.EqualTo(416));
        Assert.That(answer.Content.Headers.ContentRange!.ToString(), Is.EqualTo("bytes */100"));
    }

    [Test]
    public async Task A_range_is_served_only_while_the_reply_is_unchanged()
    {
        (_, string url) = await Upload();
        using HttpResponseMessage whole = await Get(url);
        using HttpResponseMessage same = await Get(url, new RangeHeaderValue(50, null), new RangeConditionHeaderValue(whole.Headers.ETag!));
        using HttpResponseMessage other = await Get(url, new RangeHeaderValue(50, null), new RangeConditionHeaderValue("\"other\""));

        Assert.That((int)same.StatusCode, Is.EqualTo(206));
        Assert.That((int)other.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_last_fragment_sent_again_gets_the_same_url()
    {
        using var server = new BitsTestServer(new BitsTestServerOptions { Dialect = BitsServerDialect.Win32, Reply = _ => _reply });
        using var wire = Wire.To(server);
        string id = await wire.Open();
        await wire.Fragment(id, _file, 0, 30).Text();
        await wire.Fragment(id, _file, 0, 30).Text();

        Assert.That(server.Dialogue[2].AnswerHeader("BITS-Reply-URL"), Is.EqualTo(server.Dialogue[1].AnswerHeader("BITS-Reply-URL")));
        Assert.That(server.Dialogue[2].AnswerHeader("BITS-Reply-URL"), Is.Not.Null);
    }

    [Test]
    public async Task A_host_id_comes_with_the_session()
    {
        using var server = new BitsTestServer(
            new BitsTestServerOptions { HostId = "node7:8080", HostIdFallbackTimeout = TimeSpan.FromMinutes(2) });
        using var wire = Wire.To(server);
        using HttpResponseMessage answer = await wire.Create();

        Assert.That(answer.Header("BITS-Host-Id"), Is.EqualTo("node7:8080"));
        Assert.That(answer.Header("BITS-Host-Id-Fallback-Timeout"), Is.EqualTo("120"));
        Assert.That(
            () => new BitsTestServer(new BitsTestServerOptions { HostIdFallbackTimeout = TimeSpan.FromMinutes(2) }),
            Throws.ArgumentException);
    }

    private async Task<(string Id, string Url)> Upload()
    {
        string id = await _wire.Open();
        await _wire.Fragment(id, _file, 0, 10).Text();
        using HttpResponseMessage last = await _wire.Fragment(id, _file, 10, 30);
        return (id, last.Header("BITS-Reply-URL")!);
    }

    private async Task<HttpResponseMessage> Get(string url, RangeHeaderValue? range = null, RangeConditionHeaderValue? condition = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_url, url));
        request.Headers.Range = range;
        request.Headers.IfRange = condition;
        return await _wire.Send(request);
    }
}
