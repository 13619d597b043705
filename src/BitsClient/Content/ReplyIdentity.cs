using System.Net.Http.Headers;

namespace BitsClient.Content;

/// <summary>What tells one reply from another, and from itself after a change.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Tag">Its ETag, if it has one.</param>
/// <param name="Modified">Its Last-Modified, if told.</param>
/// <param name="Total">Its length; null when it was not told.</param>
internal sealed record ReplyIdentity(Uri Url, EntityTagHeaderValue? Tag, DateTimeOffset? Modified, long? Total)
{
    /// <summary>Asks for the rest of this reply and no other (HTTP If-Range); null when nothing can prove that it is the same.</summary>
    public RangeConditionHeaderValue? Condition =>
        Total is null ? null
        : Tag is { IsWeak: false } ? new RangeConditionHeaderValue(Tag)
        : Modified is { } modified ? new RangeConditionHeaderValue(modified)
        : null;

    /// <summary>Whether an answer that goes on where this reply broke off is of the same; what it leaves out it does not deny.</summary>
    public bool GoesOnWith(ReplyIdentity rest) =>
        rest.Total == Total && (rest.Tag is null || rest.Tag.Equals(Tag)) && (rest.Modified is null || rest.Modified == Modified);

    public static ReplyIdentity Of(Uri url, HttpResponseMessage response)
    {
        HttpContentHeaders content = response.Content.Headers;
        return new ReplyIdentity(url, response.Headers.ETag, content.LastModified, content.ContentRange?.Length ?? content.ContentLength);
    }
}
