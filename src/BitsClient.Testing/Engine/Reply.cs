using System.Globalization;
using System.Net.Http.Headers;
using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Engine;

/// <summary>A reply that clients can download as a whole or in ranges.</summary>
internal sealed class Reply(byte[] bytes)
{
    private readonly string _etag = $"\"{Guid.NewGuid():N}\"";
    private readonly string _lastModified = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);

    public ServerAnswer Serve(ServerRequest request)
    {
        // If the reply has changed since the client's first download, a range is useless: serve the whole reply.
        bool unchanged = request.Header(HeaderNames.IfRange) is not { } known || known == _etag || known == _lastModified;
        if (!unchanged
            || !RangeHeaderValue.TryParse(request.Header(HeaderNames.Range), out RangeHeaderValue? header)
            || header.Ranges.Count != 1)
        {
            return Part(200, 0, bytes.Length);
        }

        RangeItemHeaderValue range = header.Ranges.Single();
        long start = range.From ?? Math.Max(0, bytes.Length - range.To!.Value);
        long end = range.From is null ? bytes.Length : Math.Min((range.To ?? bytes.Length - 1) + 1, bytes.Length);
        return start < end
            ? Part(206, start, end).With(HeaderNames.ContentRange, Text($"bytes {start}-{end - 1}/{bytes.Length}"))
            : ServerAnswer.WithoutAck(416, new BitsHeader(HeaderNames.ContentRange, Text($"bytes */{bytes.Length}")));
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private ServerAnswer Part(int status, long start, long end) =>
        new(
            status,
            [
                new BitsHeader(HeaderNames.ContentLength, Text($"{end - start}")),
                new BitsHeader(HeaderNames.AcceptRanges, "bytes"),
                new BitsHeader(HeaderNames.ETag, _etag),
                new BitsHeader(HeaderNames.LastModified, _lastModified),
            ])
        {
            Body = bytes.AsMemory((int)start, (int)(end - start)),
        };
}
