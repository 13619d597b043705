namespace BitsClient.Tests.Support;

/// <summary>A handler between client and server that changes answers.</summary>
internal sealed class Alteration(Action<HttpRequestMessage, HttpResponseMessage> alter) : DelegatingHandler
{
    /// <summary>
    /// Changes the answers to GET requests: the first change is for the first answer, and so on; later answers are not changed.
    /// </summary>
    public static Alteration OfReplies(params Action<HttpResponseMessage>[] changes)
    {
        Queue<Action<HttpResponseMessage>> queue = new(changes);
        return new Alteration((request, response) =>
        {
            if (request.Method == HttpMethod.Get && queue.TryDequeue(out Action<HttpResponseMessage>? change))
            {
                change(response);
            }
        });
    }

    /// <summary>Replaces the reply URL, or removes it if null.</summary>
    public static Alteration OfReplyUrl(string? value) => new((_, response) =>
    {
        if (response.Headers.Remove("BITS-Reply-URL") && value is not null)
        {
            response.Headers.TryAddWithoutValidation("BITS-Reply-URL", value);
        }
    });

    /// <summary>The connection breaks after this many bytes of the body.</summary>
    public static Action<HttpResponseMessage> Break(int after) => response => Replace(response, body => new BrokenStream(body[..after]));

    /// <summary>Nothing more arrives after this many bytes of the body.</summary>
    public static Action<HttpResponseMessage> Silence(int after, TaskCompletionSource? reached = null) =>
        response => Replace(response, body => new SilentStream(body[..after], reached));

    /// <summary>Replaces the body and its Content-Length.</summary>
    public static void Replace(HttpResponseMessage response, byte[] body) => Replace(response, _ => new MemoryStream(body), body.Length);

    /// <summary>Removes the Content-Length.</summary>
    public static void HideLength(HttpResponseMessage response) => Replace(response, body => new Unseekable(body), length: null);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
        alter(request, response);
        return response;
    }

    private static void Replace(HttpResponseMessage response, Func<byte[], Stream> replace) =>
        Replace(response, replace, response.Content.Headers.ContentLength);

    private static void Replace(HttpResponseMessage response, Func<byte[], Stream> replace, long? length)
    {
        using MemoryStream body = new();
        response.Content.CopyTo(body, context: null, CancellationToken.None);
        HttpContent old = response.Content;
        response.Content = new StreamContent(replace(body.ToArray()));
        foreach (KeyValuePair<string, IEnumerable<string>> header in old.Headers.Where(header => header.Key != "Content-Length"))
        {
            response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        response.Content.Headers.ContentLength = length;
    }

    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class BrokenStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw new IOException("The response ended prematurely.");
        }
    }

    private sealed class SilentStream(byte[] bytes, TaskCompletionSource? reached) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                reached?.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return read;
        }
    }
}
