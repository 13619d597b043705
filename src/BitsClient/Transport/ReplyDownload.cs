using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using BitsClient.Content;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>One try to get a reply, or the rest of it: the request for it, and the way of its bytes through one pooled buffer to the target.</summary>
internal sealed class ReplyDownload(BitsPacket.GetReply packet, BitsReplyTarget target, long most, Action<ReplyDownload> received)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>How many bytes of the reply are here.</summary>
    public long Length => target.Length;

    /// <summary>What is here is being written to the target, or its writing failed.</summary>
    public bool IsWriting { get; private set; }

    /// <summary>The length of the reply; null while it is not told.</summary>
    public long? Total => target.Identity?.Total;

    /// <summary>A request for what is not here yet; for all of it where nothing can prove that the rest would be of the same reply.</summary>
    /// <exception cref="BitsUploadException">The target cannot begin anew.</exception>
    public HttpRequestMessage Request()
    {
        HttpRequestMessage request = new(HttpMethod.Get, packet.Url) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (target.TrySettle() && target.Length > 0 && target.Identity is { Condition: { } condition } identity && identity.Url == packet.Url)
        {
            request.Headers.Range = new RangeHeaderValue(target.Length, to: null);
            request.Headers.IfRange = condition;
        }
        else
        {
            StartOver();
        }

        return request;
    }

    /// <summary>Takes the reply from an answer of 200 or 206. An answer that is of no use to a try that goes on begins it anew.</summary>
    /// <exception cref="BitsUploadException">The reply is too large, changed, broke off, or could not be written.</exception>
    public async Task ReceiveAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ReplyIdentity identity = ReplyIdentity.Of(packet.Url, response);
        if (response.StatusCode is HttpStatusCode.OK)
        {
            StartOver();
        }
        else if (response.Content.Headers.ContentRange?.From != target.Length || target.Identity?.GoesOnWith(identity) is false)
        {
            StartOver();
            throw Failure("the reply changed while it was downloaded, or the server sent another part of it.", isTransient: true);
        }

        target.Identity ??= identity;
        ThrowIfTooLarge(identity.Total ?? 0);
        await CopyAsync(response, cancellationToken).ConfigureAwait(false);
        if (identity.Total is { } total && total != target.Length)
        {
            throw Failure($"the reply broke off at byte {target.Length} of {total}.", isTransient: true);
        }

        await WriteAsync(() => target.CompleteAsync(cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>The server has no more of the reply than is here, or another one.</summary>
    /// <exception cref="BitsUploadException">Always.</exception>
    public void RefuseRange()
    {
        StartOver();
        throw Failure("the server does not have the rest of the reply.", isTransient: true);
    }

    private async Task CopyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            ThrowIfTooLarge(target.Length + read);
            await WriteAsync(() => target.AppendAsync(buffer.AsMemory(0, read), cancellationToken)).ConfigureAwait(false);
            received(this);
        }

        // Only here: a connection that was given up may still be using it.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ThrowIfTooLarge(long length)
    {
        if (length > most)
        {
            throw new BitsProtocolException(AckFailure.Message(packet, packet.Url, $"the reply has {length} bytes or more; {nameof(BitsUploadOptions.MaxReplySize)} allows {most}."))
            {
                Url = packet.Url,
                PacketType = packet.Type,
                SessionId = packet.SessionId,
            };
        }
    }

    private void StartOver()
    {
        try
        {
            target.StartOver();
        }
        catch (Exception e)
        {
            throw Failure($"the reply could not be written: {e.Message}", isTransient: e is TimeoutException, e);
        }
    }

    private async Task WriteAsync(Func<ValueTask> write)
    {
        IsWriting = true;
        try
        {
            await write().ConfigureAwait(false);
            IsWriting = false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Failure($"the reply could not be written: {e.Message}", isTransient: false, e);
        }
    }

    private BitsUploadException Failure(string detail, bool isTransient, Exception? cause = null) => new(AckFailure.Message(packet, packet.Url, detail), cause)
    {
        Url = packet.Url,
        PacketType = packet.Type,
        SessionId = packet.SessionId,
        IsTransient = isTransient,
    };
}
