namespace BitsClient.Testing.Sessions;

/// <summary>All sessions, open or ended, in the order they were created. Ids are case-sensitive. Thread-safe.</summary>
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

    /// <summary>Adds a session. Its id can be that of a session that has ended.</summary>
    /// <exception cref="BitsTestServerException">An open session has the same id.</exception>
    public void Add(ServerSession session)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(session.Id, out ServerSession? other) && other.IsOpen)
            {
                throw new BitsTestServerException($"An open session already has the id of the new session: {session.Id}");
            }

            _byId[session.Id] = session;
            _all.Add(session);
        }
    }

    public ServerSession? Find(string? id, object connection)
    {
        lock (_lock)
        {
            return id is not null && _byId.GetValueOrDefault(id) is { } session && session.IsKnownOn(connection) ? session : null;
        }
    }
}
