using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Exchanges;

/// <summary>A request and its answer while the engine handles them. The lock of its dialogue guards the settable properties.</summary>
internal sealed class Exchange(int sequence, ServerRequest request, ServerSession? session)
{
    // Does not keep the request itself, which references the client's content or the host's connection.
    private readonly BitsExchange _arrival = new()
    {
        Sequence = sequence,
        Host = request.Host,
        Method = request.Method,
        Url = request.Url,
        PacketType = request.Header(HeaderNames.PacketType),
        RequestHeaders = request.Headers,
        BodyBytes = 0,
        Status = null,
        AnswerHeaders = [],
        Aborted = false,
        Dropped = false,
    };

    private long _bodyBytes;

    public int Sequence => _arrival.Sequence;

    public string? PacketType => _arrival.PacketType;

    /// <summary>The session with the request's session id, or null if there is none.</summary>
    public ServerSession? Session => session;

    public ExchangeCourse Course { get; set; }

    public ServerAnswer? Answer { get; set; }

    /// <summary>What becomes a violation if the answer reaches the client: each with the later exchange that it is about.</summary>
    public List<(string Message, Exchange Later)> Suspicions { get; } = [];

    /// <summary>What becomes a violation unless the client aborts this request: the earlier exchange was answered already.</summary>
    public List<string> SuspicionsOfEarlier { get; } = [];

    public long BodyBytes => Interlocked.Read(ref _bodyBytes);

    /// <summary>Whether the packet type, or the method of a request without one, equals <paramref name="packetType"/>.</summary>
    public bool Is(string packetType) => string.Equals(PacketType ?? _arrival.Method, packetType, StringComparison.OrdinalIgnoreCase);

    public void CountBody(int bytes) => Interlocked.Add(ref _bodyBytes, bytes);

    public BitsExchange Snapshot() => _arrival with
    {
        BodyBytes = BodyBytes,
        Status = Answer?.Status,
        AnswerHeaders = Answer?.Headers ?? [],
        Aborted = Course == ExchangeCourse.Aborted,
        Dropped = Course == ExchangeCourse.Dropped,
    };
}
