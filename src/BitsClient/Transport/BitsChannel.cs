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
        bool isOriginalOrigin = origin == BitsOrigin.Of(url);
        bool isTrusted = isOriginalOrigin || _trusted.Contains(origin);

        HttpResponseMessage response;
        try
        {
            UntrustedOrigin? untrusted = AddHeaders(message, isTrusted, job);
            if ((options.PrepareRequest ?? job.PrepareRequest) is not null)
            {
                BitsRequestContext context = new(message, request.Packet.Type, lastStatus, isOriginalOrigin);
                await PrepareAsync(options.PrepareRequest, request, context).ConfigureAwait(false);
                await PrepareAsync(job.PrepareRequest, request, context).ConfigureAwait(false);
            }

            untrusted?.Withhold(httpClient.DefaultRequestHeaders);
            request.Dispatch = new Dispatch(httpClient, message, request);
            request.HandOver(message);
            response = await request.Dispatch.SendAsync().ConfigureAwait(false);
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

    // Null if the origin is trusted.
    private UntrustedOrigin? AddHeaders(HttpRequestMessage message, bool isTrusted, BitsJobOptions job)
    {
        if (httpClient.DefaultRequestHeaders.UserAgent.Count == 0 && !job.Headers.ContainsKey(BitsHeaderNames.UserAgent))
        {
            message.Headers.TryAddWithoutValidation(BitsHeaderNames.UserAgent, OwnUserAgent);
        }

        UntrustedOrigin? untrusted = isTrusted ? null : new(message);
        foreach ((string name, string value) in job.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return untrusted;
    }

    private static async Task PrepareAsync(
        Func<BitsRequestContext, CancellationToken, ValueTask>? hook, RequestInFlight request, BitsRequestContext context)
    {
        if (hook is null)
        {
            return;
        }

        await ForeignCode.RunAsync(() => hook(context, request.Token).AsTask(), request.Token).ConfigureAwait(false);
        if (context.Request.Content != request.Content)
        {
            throw new InvalidOperationException("it replaced the content of the request, which has to be sent as it is.");
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
