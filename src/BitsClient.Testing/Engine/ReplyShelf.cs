using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Engine;

/// <summary>The replies that clients can download, each until its session ends. Thread-safe.</summary>
internal sealed class ReplyShelf
{
    private readonly object _lock = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Adds a session's reply, unless it has one, and returns its URL in the form of IIS: relative, with backslashes.</summary>
    public string Put(ServerSession session, Uri destination, Func<byte[]> make)
    {
        lock (_lock)
        {
            if (_entries.Find(entry => entry.Session == session) is { } known)
            {
                return known.RelativeUrl;
            }

            string url = $@"BITS-Sessions\Replies\{Guid.NewGuid().ToString("B").ToUpperInvariant()}\responsefile.bin";
            _entries.Add(new Entry(session, url, Path(new Uri(destination, url)), new Reply(make())));
            return url;
        }
    }

    public Reply? Find(Uri url)
    {
        lock (_lock)
        {
            return _entries.Find(entry => entry.Path == Path(url) && entry.Session.IsOpen)?.Reply;
        }
    }

    private static string Path(Uri url) => Uri.UnescapeDataString(url.AbsolutePath);

    private sealed record Entry(ServerSession Session, string RelativeUrl, string Path, Reply Reply);
}
