using BitsClient.Cli.Output;
using BitsClient.Cli.Tests.Support;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Output;

/// <summary>The error message for each kind of exception.</summary>
public sealed class ErrorTextTests
{
    [Test]
    public void A_message_of_the_tool_is_shown_as_is() =>
        Assert.That(ErrorText.Of(new ToolException("Give a file.")), Is.EqualTo("Give a file."));

    [Test]
    public void The_parameter_name_is_removed() =>
        Assert.That(ErrorText.Of(Empty(path: "")), Is.EqualTo("The file is empty."));

    [Test]
    public void A_cancellation_is_one_word() =>
        Assert.That(ErrorText.Of(new TaskCanceledException("A task was canceled.")), Is.EqualTo("Canceled."));

    [Test]
    public async Task Missing_credentials_are_missing() => Assert.That(
        await OfRefusalAsync(new BitsFault.Answer(401) { Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")] }),
        Does.EndWith(
            "the server answered 401. It asks for authentication (Basic); use --user NAME, with the password in the environment variable "
            + "BITSCLIENT_PASSWORD, or --header for a token."));

    [Test]
    public async Task Wrong_credentials_are_wrong() => Assert.That(
        await OfRefusalAsync(
            new BitsFault.Answer(401) { Headers = [new("WWW-Authenticate", "Basic realm=\"uploads\"")] },
            new BitsUploadOptions
            {
                PrepareRequest = (context, _) =>
                {
                    context.Request.Headers.Authorization = new("Basic", "bWU6c2VzYW1l");
                    return ValueTask.CompletedTask;
                },
            }),
        Does.EndWith(
            "the server answered 401. The user name or the password is wrong: the server asks for authentication again (Basic); check "
            + "--user NAME, with the password in the environment variable BITSCLIENT_PASSWORD, or the token in --header."));

    [TestCase(501)]
    [TestCase(405)]
    public async Task The_message_for_a_refused_verb_names_the_override_option(int status)
    {
        string text = await OfRefusalAsync(new BitsFault.Answer(status) { Ack = false });

        Assert.That(text, Does.Contain($"{status}").And.EndWith("; --override-verb sends POST instead."));
    }

    [Test]
    public async Task The_message_for_a_large_fragment_names_the_size_option()
    {
        using MemoryUpload upload = new();
        upload.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(413));

        Assert.That(
            ErrorText.Of(await upload.FailureAsync()),
            Does.Contain("use a smaller --fragment-size").And.Contain("--fragment-size allows no smaller one"));
    }

    [Test]
    public async Task Other_refusals_have_no_advice() =>
        Assert.That(await OfRefusalAsync(new BitsFault.Answer(409)), Does.EndWith("the server answered 409."));

    [Test]
    public async Task A_session_that_could_not_be_canceled_is_reported()
    {
        using MemoryUpload upload = new();
        upload.Server.InjectEvery(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        upload.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        Assert.That(
            ErrorText.Of(await upload.FailureAsync()),
            Does.Match(@"answered 403\. The session could not be canceled either: the server keeps it until it expires\.$"));
    }

    [Test]
    public async Task A_cancel_reports_its_outcome()
    {
        using MemoryUpload upload = new();

        Assert.That(
            ErrorText.Of(await upload.CancelInTheMiddleAsync()),
            Is.EqualTo("The upload was canceled; the server has deleted its session."));
    }

    [Test]
    public async Task An_unconfirmed_cancel_reports_the_reason()
    {
        using MemoryUpload upload = new();
        upload.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));

        Assert.That(
            ErrorText.Of(await upload.CancelInTheMiddleAsync()),
            Does.StartWith("The upload was canceled, but the server did not confirm it: the session may still be open. ")
                .And.Contain("403"));
    }

    private static ArgumentException Empty(string path) => new($"The file is empty.{path}", nameof(path));

    private static async Task<string> OfRefusalAsync(BitsFault fault, BitsUploadOptions? options = null)
    {
        using MemoryUpload upload = new(options);
        upload.Server.InjectEvery(BitsPacketNames.CreateSession, fault);
        return ErrorText.Of(await upload.FailureAsync());
    }
}
