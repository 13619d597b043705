#if NETSTANDARD
using System.Collections;
using System.Net.Http.Headers;

namespace BitsClient;

/// <summary>The headers, under the name that .NET 6 has for those that are not validated.</summary>
internal readonly struct HttpHeadersNonValidated(HttpHeaders headers) : IEnumerable<KeyValuePair<string, HeaderStringValues>>
{
    public bool TryGetValues(string name, out HeaderStringValues values)
    {
        bool isThere = headers.TryGetValues(name, out IEnumerable<string>? found);
        values = new HeaderStringValues(isThere ? [.. found!] : []);
        return isThere;
    }

    public IEnumerator<KeyValuePair<string, HeaderStringValues>> GetEnumerator() =>
        headers.Select(header => new KeyValuePair<string, HeaderStringValues>(header.Key, new HeaderStringValues([.. header.Value])))
            .GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>The values of a header.</summary>
internal readonly struct HeaderStringValues(string[] values) : IEnumerable<string>
{
    public int Count => values.Length;

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(", ", values);
}

internal static class HeadersExtensions
{
    extension(HttpHeaders headers)
    {
        public HttpHeadersNonValidated NonValidated => new(headers);
    }
}
#endif
