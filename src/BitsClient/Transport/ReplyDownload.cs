using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using BitsClient.Content;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Transport;

/// <summary>
/// One attempt to download a reply, or the rest of it: creates the request, and copies the answer through one pooled buffer to the target.
/// </summary>
internal sealed class ReplyDownload(BitsPacket.GetReply packet, BitsReplyTarget target, long maxLength, Action<ReplyDownload> received)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>How many bytes of the reply were downloaded.</summary>
    public long Length => target.Length;

    /// <summary>A part of the reply is being written to the target, or writing it failed.</summary>
    public bool IsWriting { get; private set; }

    /// <summary>The length of the reply; null while it is unknown.</summary>
    public long? Total => target.Identity?.Total;

    /// <summary>
    /// Creates the request for the missing part, or for the whole reply if nothing proves that the rest would be of the same reply.
    /// </summary>
    /// <exception cref="BitsUploadException">The target cannot start over.</exception>
    public HttpRequestMessage Request()
    {
        HttpRequestMessage request = new(HttpMethod.Get, packet.Url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (target.IsLengthKnown() && target.Length > 0
            && target.Identity is { Condition: { } condition } identity && identity.Url == packet.Url)
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

    /// <summary>
    /// Reads the reply from an answer of 200 or 206. If the answer does not continue what was downloaded, the reply starts over.
    /// </summary>
    /// <exception cref="BitsUploadException">The reply is too large, has changed, is incomplete, or could not be written.</exception>
    public async Task ReceiveAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ReplyIdentity identity = ReplyIdentity.Of(packet.Url, response);
        if (response.StatusCode is HttpStatusCode.OK)
        {
            StartOver();
        }
        else if (response.Content.Headers.ContentRange?.From != target.Length || target.Identity?.IsContinuedBy(identity) is false)
        {
            StartOver();
            throw Broken("the reply changed while it was downloaded, or the server sent another part of it.");
        }

        target.Identity ??= identity;
        ThrowIfTooLarge(identity.Total ?? 0);
        await CopyAsync(response, cancellationToken).ConfigureAwait(false);
        if (identity.Total is { } total && total != target.Length)
        {
            throw Broken($"the reply ended at byte {target.Length} of {total}.");
        }

        await WriteAsync(() => target.CompleteAsync(cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>The server does not have the rest of the reply.</summary>
    /// <exception cref="BitsUploadException">Always.</exception>
    public void RefuseRange()
    {
        StartOver();
        throw Broken("the server does not have the rest of the reply.");
    }

    private async Task CopyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        Stream body = await ForeignCode.RunAsync(() => response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        while (true)
        {
            int read = await ForeignCode.RunAsync(() => body.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken)
                .ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            ThrowIfTooLarge(target.Length + read);
            await WriteAsync(() => target.AppendAsync(buffer.AsMemory(0, read), cancellationToken)).ConfigureAwait(false);
            received(this);
        }

        // Not in a finally block: a connection that was abandoned may still use the buffer.
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void ThrowIfTooLarge(long length)
    {
        if (length > maxLength)
        {
            throw Failure.OfProtocol(
                packet, packet.Url, $"the reply has {length} bytes or more; {nameof(BitsUploadOptions.MaxReplySize)} allows {maxLength}.");
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
            throw Unwritable(e, isTransient: e is TimeoutException);
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
            throw Unwritable(e);
        }
    }

    private BitsUploadException Broken(string detail) =>
        Failure.OfPacket(packet, packet.Url, BitsFailureReason.Reply, detail, isTransient: true);

    private BitsUploadException Unwritable(Exception cause, bool isTransient = false) =>
        Failure.OfPacket(
            packet, packet.Url, BitsFailureReason.Reply, $"the reply could not be written: {cause.Message}", cause, isTransient);
}
