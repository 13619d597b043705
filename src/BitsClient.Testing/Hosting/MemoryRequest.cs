using System.Net;
using System.Runtime.ExceptionServices;
using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Hosting;

/// <summary>A request that was sent in memory.</summary>
internal sealed class MemoryRequest : ServerRequest
{
    private readonly HttpRequestMessage _message;
    private readonly TaskCompletionSource _answering = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpResponseMessage? _response;
    private Exception? _reason;
    private bool _isGone;
    private bool _wasCopied;

    public MemoryRequest(HttpRequestMessage message, object connection, CancellationToken aborted)
    {
        _message = message;
        Connection = connection;
        Aborted = aborted;
        Url = message.RequestUri ?? throw new InvalidOperationException("The request has no URL.");
        ContentLength = message.Headers.TransferEncodingChunked == true ? null
            : message.Content is null ? 0
            : message.Content.Headers.ContentLength;
        Headers = ReadHeaders(message);
    }

    public override string Host => "in-memory";

    public override string Method => _message.Method.Method;

    public override object Connection { get; }

    public override Uri Url { get; }

    public override IReadOnlyList<BitsHeader> Headers { get; }

    public override long? ContentLength { get; }

    public override CancellationToken Aborted { get; }

    public override bool ClientIsGone => _isGone || Aborted.IsCancellationRequested;

    /// <summary>Completes when the status and headers of the answer are available; the body can still be incomplete.</summary>
    public Task Answering => _answering.Task;

    /// <summary>The answer for the client. Throws the exception that a socket handler would throw if there is no answer.</summary>
    public HttpResponseMessage Response
    {
        get
        {
            if (_response is null)
            {
                Aborted.ThrowIfCancellationRequested();
                ExceptionDispatchInfo.Throw(_reason ?? Dropped());
            }

            return _response;
        }
    }

    /// <summary>Returns when the request is aborted, even if the content ignores the token.</summary>
    public override Task CopyBodyAsync(Stream sink)
    {
        _wasCopied = true;
        return _message.Content is { } content ? content.CopyToAsync(sink, Aborted).WaitAsync(Aborted) : Task.CompletedTask;
    }

    public override async Task AnswerAsync(ServerAnswer answer)
    {
        AnswerBody? body = answer.Stops.Count > 0 ? new AnswerBody(answer.Body, answer.Stops) : null;
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            RequestMessage = _message,
            Content = body is not null ? new StreamContent(body)
                : answer.Endless ? new StreamContent(new EndlessStream())
                : new ReadOnlyMemoryContent(answer.Body),
        };
        foreach (BitsHeader header in answer.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(header.Name, header.Value))
            {
                response.Content.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }
        }

        _response = response;
        _answering.TrySetResult();
        if (body is not null && await body.Ended.ConfigureAwait(false) is { } reason)
        {
            _isGone = reason is OperationCanceledException;
            ExceptionDispatchInfo.Throw(reason);
        }
    }

    /// <summary>
    /// Ends the request as a connection does. A client begins to send a body before it notices that the connection was closed, so a body
    /// that was not read is written to a stream that fails.
    /// </summary>
    public override async Task HangUpAsync(Exception? reason)
    {
        _reason = reason;
        if (!_wasCopied && !ClientIsGone)
        {
            await CopyBodyAsync(new ClosedStream()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Begins the request as a connection does: a body without bytes is written before anything reads it.</summary>
    public Task BeginAsync() => ContentLength == 0 ? CopyBodyAsync(Stream.Null) : Task.CompletedTask;

    private static HttpRequestException Dropped() =>
        new("An error occurred while sending the request.", new IOException("The server closed the connection without an answer."));

    private static BitsHeader[] ReadHeaders(HttpRequestMessage message)
    {
        IEnumerable<BitsHeader> content =
            message.Content is not null ? Flatten(message.Content.Headers)
            : message.Method.Method is HeaderNames.Get ? []
            : [new BitsHeader(HeaderNames.ContentLength, "0")];
        return [.. Flatten(message.Headers), .. content];
    }

    private static IEnumerable<BitsHeader> Flatten(System.Net.Http.Headers.HttpHeaders headers) =>
        headers.NonValidated.SelectMany(header => header.Value.Select(value => new BitsHeader(header.Key, value)));
}
