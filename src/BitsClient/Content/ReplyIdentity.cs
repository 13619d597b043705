using System.Net.Http.Headers;

namespace BitsClient.Content;

/// <summary>Identifies one version of a reply, so that a download is never continued with another.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Tag">Its ETag; null if it has none.</param>
/// <param name="Modified">Its Last-Modified; null if it has none.</param>
/// <param name="Total">Its length; null if unknown.</param>
internal sealed record ReplyIdentity(Uri Url, EntityTagHeaderValue? Tag, DateTimeOffset? Modified, long? Total)
{
    /// <summary>Requests the rest only of this version (HTTP If-Range); null if nothing can prove that the version is the same.</summary>
    public RangeConditionHeaderValue? Condition => this switch
    {
        { Total: null } => null,
        { Tag: { IsWeak: false } tag } => new RangeConditionHeaderValue(tag),
        { Modified: { } modified } => new RangeConditionHeaderValue(modified),
        _ => null,
    };

    /// <summary>Whether a partial answer belongs to this version. A header that the answer omits does not count as a difference.</summary>
    public bool IsContinuedBy(ReplyIdentity rest) =>
        rest.Total == Total && (rest.Tag is null || rest.Tag.Equals(Tag)) && (rest.Modified is null || rest.Modified == Modified);

    public static ReplyIdentity Of(Uri url, HttpResponseMessage response)
    {
        HttpContentHeaders content = response.Content.Headers;
        return new ReplyIdentity(url, response.Headers.ETag, content.LastModified, content.ContentRange?.Length ?? content.ContentLength);
    }
}
