using System.Net;
using System.Runtime.CompilerServices;
using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>Sends a request and reads its answer: the only place that sends with <see cref="HttpClient"/>. Thread-safe.</summary>
internal sealed class BitsChannel(HttpClient httpClient, BitsUploadOptions options, TimeProvider time)
{
    private static readonly string OwnUserAgent = $"BitsClient/{typeof(BitsChannel).Assembly.GetName().Version!.ToString(3)}";

    private readonly WireStyle _style = new(options.OverrideVerb, options.ProtocolId);
    private readonly HashSet<BitsOrigin> _trusted = [.. options.TrustedOrigins.Select(BitsOrigin.Of)];

    public TimeSpan HttpTimeout => httpClient.Timeout;

    /// <summary>Sends a packet once and reads its answer, whatever it says; or downloads the reply, or the rest of it.</summary>
    /// <param name="request">The packet, and the content or the download that belongs to it.</param>
    /// <param name="url">The URL of the upload, whose origin is trusted.</param>
    /// <param name="target">Where the packet is sent.</param>
    /// <param name="lastStatus">The status of the last answer, for the caller's hook.</param>
    /// <param name="job">The settings of this upload: what the caller adds to its requests.</param>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    /// <exception cref="IOException">The connection broke while the reply was downloaded.</exception>
    /// <exception cref="OperationCanceledException">The request was abandoned, or <see cref="HttpClient.Timeout"/> elapsed.</exception>
    /// <exception cref="BitsUploadException">The source has changed, or the reply is not valid or could not be written.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<BitsAck> GetAnswerAsync(
        RequestInFlight request, Uri url, Uri target, HttpStatusCode? lastStatus, BitsJobOptions job)
    {
        using HttpRequestMessage message = request.Reply?.Request()
            ?? BitsPacketWriter.Write(request.Packet, target, request.Content!, _style);
        BitsOrigin origin = BitsOrigin.Of(target);
        BitsRequestContext context = new(message, request.Packet.Type, lastStatus, isOriginalOrigin: origin == BitsOrigin.Of(url));
        bool isTrusted = context.IsOriginalOrigin || _trusted.Contains(origin);

        HttpResponseMessage response;
        try
        {
            response = await DispatchAsync(request, context, isTrusted, job).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.StatusCode is { } status && request.Departure.WasHandedOver)
        {
            // A handler threw because of the status of the answer.
            request.Answered();
            return new BitsAck { StatusCode = status, IsUntrusted = !isTrusted };
        }

        // Disposed without being read: an ack has no body, and the error page of one server never ends.
        using (response)
        {
            request.Answered();
            return await ReadAsync(response, request, message, url, target, isTrusted).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<BitsAck> ReadAsync(
        HttpResponseMessage response, RequestInFlight request, HttpRequestMessage message, Uri url, Uri target, bool isTrusted)
    {
        BitsAck answer = Read(response, message, target, isTrusted);
        if (request.Packet is BitsPacket.CreateSession && options.HostIdPolicy.AsksCaller)
        {
            answer = answer with { HostObjection = await ObjectionAsync(answer.HostId, url, request.Token).ConfigureAwait(false) };
        }

        switch (request.Reply)
        {
            case { } reply when answer.IsReply:
                await reply.ReceiveAsync(response, request.Token).ConfigureAwait(false);
                break;
            case { } reply when message.Headers.Range is not null && answer.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable:
                reply.RefuseRange();
                break;
        }

        return answer;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage> DispatchAsync(
        RequestInFlight request, BitsRequestContext context, bool isTrusted, BitsJobOptions job)
    {
        HttpRequestMessage message = context.Request;
        if (httpClient.DefaultRequestHeaders.UserAgent.Count == 0 && !job.Headers.ContainsKey(BitsHeaderNames.UserAgent))
        {
            message.Headers.TryAddWithoutValidation(BitsHeaderNames.UserAgent, OwnUserAgent);
        }

        UntrustedOrigin? untrusted = isTrusted ? null : new(message);
        foreach ((string name, string value) in job.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        await PrepareAsync(options.PrepareRequest, context, request).ConfigureAwait(false);
        await PrepareAsync(job.PrepareRequest, context, request).ConfigureAwait(false);
        untrusted?.Withhold(httpClient.DefaultRequestHeaders);
        request.HandOver(message);
        return await AwaitAsync(Task.Run(() => SendAsync(request, message), CancellationToken.None), request).ConfigureAwait(false);
    }

    private static Task PrepareAsync(
        Func<BitsRequestContext, CancellationToken, ValueTask>? hook, BitsRequestContext context, RequestInFlight request)
    {
        return hook is null ? Task.CompletedTask : RunAsync(hook);

        async Task RunAsync(Func<BitsRequestContext, CancellationToken, ValueTask> prepare)
        {
            await ForeignCode.RunAsync(() => prepare(context, request.Token).AsTask(), request.Token).ConfigureAwait(false);
            if (context.Request.Content != request.Content)
            {
                throw new InvalidOperationException("it replaced the content of the request, which has to be sent as it is.");
            }
        }
    }

    private Task<HttpResponseMessage> SendAsync(RequestInFlight request, HttpRequestMessage message)
    {
        if (request.Body is { } body)
        {
            // A file system that does not answer is silence; the wait for a connection is not.
            body.CheckSource();
            request.Continuing(isWaiting: true);
        }

        return httpClient.SendAsync(
            message, HttpCompletionOption.ResponseHeadersRead, request.Content?.RequestToken ?? request.Token);
    }

    // A handler or a source that ignores the token, or blocks its thread, must not delay the end of the request.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<HttpResponseMessage> AwaitAsync(Task<HttpResponseMessage> sending, RequestInFlight request)
    {
        try
        {
            return await sending.WaitAsync(request.GaveUpHandler).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (request.GaveUpHandler.IsCancellationRequested)
        {
            _ = DisposeLateAsync(sending);
            throw;
        }
    }

    private static async Task DisposeLateAsync(Task<HttpResponseMessage> sending)
    {
        await ForeignCode.ObserveAsync(sending).ConfigureAwait(false);
        if (sending.IsCompletedSuccessfully)
        {
            sending.Result.Dispose();
        }
    }

    // The caller's predicate may block. The answer is not given up because of it, as it has the id of the session.
    private async Task<string?> ObjectionAsync(string? hostId, Uri url, CancellationToken cancellationToken)
    {
        if (hostId is null || BitsHostId.Place(url, hostId) is not { } target)
        {
            return null;
        }

        string host = BitsHostId.Canonical(target, hostId);
        try
        {
            return await ForeignCode.RunAsync(
                () => Task.FromResult(options.HostIdPolicy.Objection(host)), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return $"the {nameof(BitsUploadOptions.HostIdPolicy)} did not say in time whether it accepts it.";
        }
    }

    private BitsAck Read(HttpResponseMessage response, HttpRequestMessage message, Uri target, bool isTrusted)
    {
        BitsAck ack = BitsAckReader.Read(response, time.GetUtcNow(), isUntrusted: !isTrusted);
        return message.RequestUri is { } actual && IsElsewhere(actual, target) ? ack with { RedirectedTo = actual } : ack;
    }

    // A handler that follows redirects changes the URL of the request. One that only adds a query, such as an API key, does not.
    private static bool IsElsewhere(Uri actual, Uri target) =>
        Uri.Compare(
            actual, target, UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.SafeUnescaped, StringComparison.Ordinal) != 0;
}
