using System.Net;
using BitsClient.Cli.Http;
using BitsClient.Cli.Tests.Support;

namespace BitsClient.Cli.Tests.Http;

/// <summary>How often a host is tried that is not found.</summary>
public sealed class UnknownHostTests
{
    private static readonly HttpRequestException NotFound = new(HttpRequestError.NameResolutionError, "Name or service not known");

    [Test]
    public async Task The_third_try_is_the_last()
    {
        using HttpMessageInvoker http = new(new UnknownHost(new AnswerHandler(_ => throw NotFound)));

        Assert.That(await FailureAsync(http), Is.SameAs(NotFound));
        Assert.That(await FailureAsync(http), Is.SameAs(NotFound));
        BitsUploadException? last = await FailureAsync(http) as BitsUploadException;
        Assert.That((last?.IsTransient, last?.Reason), Is.EqualTo((false, BitsFailureReason.Network)));
        Assert.That(
            last!.Message,
            Is.EqualTo("The host of http://server:81 was not found: Name or service not known. Check the URL, or use --retries to try "
                + "more often."));
    }

    [Test]
    public async Task Each_upload_has_its_own_tries()
    {
        using HttpMessageInvoker http = new(new UnknownHost(new AnswerHandler(_ => throw NotFound)));
        for (int i = 0; i < 5; i++)
        {
            Assert.That(await FailureAsync(http, $"{i}.bin"), Is.SameAs(NotFound));
        }
    }

    [Test]
    public async Task After_an_answer_it_is_a_failure_like_any_other()
    {
        bool isFound = true;
        using HttpMessageInvoker http = new(
            new UnknownHost(new AnswerHandler(_ => isFound ? new HttpResponseMessage(HttpStatusCode.OK) : throw NotFound)));
        await FailureAsync(http);
        isFound = false;

        for (int i = 0; i < 5; i++)
        {
            Assert.That(await FailureAsync(http), Is.SameAs(NotFound));
        }
    }

    [Test]
    public async Task Other_failures_are_not_counted()
    {
        HttpRequestException refused = new(HttpRequestError.ConnectionError, "Connection refused");
        using HttpMessageInvoker http = new(new UnknownHost(new AnswerHandler(_ => throw refused)));

        for (int i = 0; i < 5; i++)
        {
            Assert.That(await FailureAsync(http), Is.SameAs(refused));
        }
    }

    private static async Task<Exception?> FailureAsync(HttpMessageInvoker http, string file = "a.bin")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"http://server:81/{file}");
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or BitsUploadException)
        {
            return e;
        }
    }
}
