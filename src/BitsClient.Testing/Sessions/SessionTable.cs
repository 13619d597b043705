namespace BitsClient.Testing.Sessions;

/// <summary>All sessions there ever were, in the order they were opened. Ids are compared byte for byte. Thread-safe.</summary>
internal sealed class SessionTable
{
    private readonly object _lock = new();
    private readonly List<ServerSession> _all = [];
    private readonly Dictionary<string, ServerSession> _byId = new(StringComparer.Ordinal);

    public IReadOnlyList<ServerSession> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>Adds a session, whose id may have been that of one which has ended.</summary>
    public void Add(ServerSession session)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(session.Id, out ServerSession? other) && other.IsOpen)
            {
                throw new BitsTestServerException($"The new session got the id of an open one: {session.Id}");
            }

            _byId[session.Id] = session;
            _all.Add(session);
        }
    }

    public ServerSession? Find(string? id)
    {
        lock (_lock)
        {
            return id is null ? null : _byId.GetValueOrDefault(id);
        }
    }
}
