using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>Authentication, redirects, and servers that refuse the verb or a spelling.</summary>
public sealed class AccessTests
{
    [Test]
    public async Task The_hook_is_called_before_each_request_and_can_renew_an_expired_token()
    {
        string token = "old";
        List<HttpStatusCode?> statuses = [];
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            PrepareRequest = (context, _) =>
            {
                statuses.Add(context.LastStatus);
                if (context.LastStatus is HttpStatusCode.Unauthorized)
                {
                    token = "new";
                }

                context.Request.Headers.Authorization = new("Bearer", token);
                return ValueTask.CompletedTask;
            },
        };
        int packets = 0;
        Interception guard = new(request => Task.FromResult(
            ++packets > 4 && request.Headers.Authorization!.Parameter == "old"
                ? new HttpResponseMessage(HttpStatusCode.Unauthorized)
                : null));
        using UploadRig rig = new(options: options, handlers: guard);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(result.Retries, Is.EqualTo(1));
        HttpStatusCode?[] expected =
            [null, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized];
        Assert.That(statuses.Take(6), Is.EqualTo(expected));
        Assert.That(statuses, Has.Count.EqualTo(13));
    }

    [TestCase(401, "WWW-Authenticate")]
    [TestCase(407, "Proxy-Authenticate")]
    public async Task An_unanswered_challenge_is_an_error_that_names_the_schemes(int status, string header)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, PrepareRequest = (_, _) => ValueTask.CompletedTask };
        int asked = 0;
        Interception guard = Interception.Of("Create-Session", (HttpStatusCode)status, adorn: answer =>
        {
            asked++;
            answer.Headers.TryAddWithoutValidation(header, ["Negotiate", "Basic realm=\"uploads\""]);
        });
        using UploadRig rig = new(options: options, handlers: guard);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Message.Contains("Negotiate, Basic"));
        Assert.That(asked, Is.EqualTo(2), "it is sent once more, then it is an error");
    }

    [Test]
    public async Task Credentials_that_were_refused_are_told_as_wrong_and_not_as_missing([Values] bool areSent)
    {
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            PrepareRequest = (context, _) =>
            {
                context.Request.Headers.Authorization = areSent ? new("Basic", "d3Jvbmc=") : null;
                return ValueTask.CompletedTask;
            },
        };
        Interception guard = new(request =>
        {
            request.Headers.Authorization = areSent ? request.Headers.Authorization : null;
            return Task.FromResult<HttpResponseMessage?>(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request });
        });
        using UploadRig rig = new(options: options, handlers: guard);
        await using IBitsUploadJob job = rig.CreateJob();
        string words = areSent ? "It refused the credentials that were sent" : "give the HttpClient's handler credentials";
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Message.Contains(words));
    }

    [TestCase(301)]
    [TestCase(302)]
    [TestCase(303)]
    [TestCase(307)]
    [TestCase(308)]
    public async Task A_redirect_is_an_error_that_names_its_target(int status)
    {
        using UploadRig rig = new();
        rig.Server.InjectEvery(
            BitsPacketNames.CreateSession,
            new BitsFault.Answer(status) { Ack = false, Headers = [new("Location", "http://elsewhere/file.bin")] });
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Message.Contains("http://elsewhere/file.bin"));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session"));
    }

    [Test]
    public async Task A_redirect_that_the_handler_followed_is_an_error_before_any_byte_is_sent()
    {
        using UploadRig rig = new(handlers: new FollowingHandler());
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(
            () => job.RunAsync(),
            Throws.TypeOf<BitsProtocolException>().With.Message.Contains("http://elsewhere.test/upload/file.bin")
                .And.Message.Contains("AllowAutoRedirect"));
        Assert.That(rig.Packets(), Is.EqualTo("Create-Session, Cancel-Session"), "the session is canceled where it was opened");
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_query_that_a_handler_adds_is_no_redirect()
    {
        Interception key = new(request =>
        {
            request.RequestUri = new Uri($"{request.RequestUri!.AbsoluteUri}&api-key=1");
            return Task.FromResult<HttpResponseMessage?>(null);
        });
        using UploadRig rig = new(handlers: key);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task If_the_verb_is_refused_the_error_names_the_option_and_the_option_helps()
    {
        Interception onlyPost = new(request => Task.FromResult(
            request.Method != HttpMethod.Post ? new HttpResponseMessage(HttpStatusCode.NotImplemented) : null));
        using UploadRig refused = new(handlers: onlyPost);
        await using IBitsUploadJob job = refused.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>().With.Message.Contains("OverrideVerb"));

        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 5000, OverrideVerb = true });
        await using IBitsUploadJob accepted = rig.CreateJob();
        await accepted.RunAsync();
        Assert.That(
            rig.Server.Dialogue.Select(exchange => $"{exchange.Method} {exchange.RequestHeader("X-Http-Method-Override")}"),
            Has.Exactly(4).Items.And.All.EqualTo("POST BITS_POST"));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [Test]
    public async Task The_protocol_id_can_be_spelled_in_upper_case()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { ProtocolId = "{7DF0354D-249B-430F-820D-3D2A9BEF4931}" });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.Dialogue[0].RequestHeader("BITS-Supported-Protocols"), Is.EqualTo("{7DF0354D-249B-430F-820D-3D2A9BEF4931}"));
    }

    // What a socket handler does with AllowAutoRedirect: it changes the request and sends it elsewhere.
    private sealed class FollowingHandler : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri("http://elsewhere.test/upload/file.bin");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
