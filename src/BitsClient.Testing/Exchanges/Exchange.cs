using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Exchanges;

/// <summary>What is known of a request on its way through the engine. Its course is guarded by the dialogue it belongs to.</summary>
internal sealed class Exchange(int sequence, ServerRequest request, ServerSession? session)
{
    // The request itself isn't kept: it holds the client's content, or the host's connection.
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

    /// <summary>The session that the request names, when there is one of that id.</summary>
    public ServerSession? Session => session;

    public ExchangeCourse Course { get; set; }

    public ServerAnswer? Answer { get; set; }

    /// <summary>What is a violation if this exchange turns out to have been answered to a live client.</summary>
    public List<string> Suspicions { get; } = [];

    public long BodyBytes => Interlocked.Read(ref _bodyBytes);

    /// <summary>Whether it is a packet of that type, or without any, a request of that method.</summary>
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
