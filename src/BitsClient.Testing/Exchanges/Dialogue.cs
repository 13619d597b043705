using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Exchanges;

/// <summary>Records all exchanges in order of arrival and detects violations of the rules between them. Thread-safe.</summary>
internal sealed class Dialogue
{
    private readonly object _lock = new();
    private readonly List<Exchange> _exchanges = [];
    private readonly List<string> _violations = [];

    // Per session, the exchanges that a later packet can conflict with: unanswered requests and the acknowledged Close-Session.
    private readonly Dictionary<ServerSession, List<Exchange>> _watched = [];
    private TaskCompletionSource? _settled;
    private int _inFlight;

    public IReadOnlyList<BitsExchange> Exchanges
    {
        get
        {
            lock (_lock)
            {
                return [.. _exchanges.Select(exchange => exchange.Snapshot())];
            }
        }
    }

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_lock)
            {
                return [.. _violations];
            }
        }
    }

    /// <summary>Completes when no request is in flight.</summary>
    public Task WhenSettledAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_inFlight == 0)
            {
                return Task.CompletedTask;
            }

            _settled ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _settled.Task.WaitAsync(cancellationToken);
        }
    }

    public Exchange Begin(ServerRequest request, ServerSession? session)
    {
        lock (_lock)
        {
            var exchange = new Exchange(_exchanges.Count + 1, request, session);
            if (session is not null)
            {
                Watch(session, exchange);
            }

            _exchanges.Add(exchange);
            _inFlight++;
            return exchange;
        }
    }

    /// <summary>
    /// Records the answer before it is sent. Otherwise, the client's next packet could arrive while this exchange still looks unanswered.
    /// </summary>
    public void Answering(Exchange exchange, ServerAnswer answer)
    {
        lock (_lock)
        {
            exchange.Answer = answer;
            exchange.Course = ExchangeCourse.Answering;
        }
    }

    public void End(Exchange exchange, ExchangeCourse course)
    {
        lock (_lock)
        {
            exchange.Course = course;
            if (course == ExchangeCourse.Answered)
            {
                Confirm(exchange.Suspicions);
            }
            else
            {
                exchange.Answer = null;
            }

            if (course != ExchangeCourse.Aborted)
            {
                _violations.AddRange(exchange.SuspicionsOfEarlier);
            }

            if (exchange.Session is { } session && !IsAckedClose(exchange))
            {
                _watched[session].Remove(exchange);
            }

            if (--_inFlight == 0)
            {
                _settled?.TrySetResult();
                _settled = null;
            }
        }
    }

    private void Watch(ServerSession session, Exchange exchange)
    {
        if (!_watched.TryGetValue(session, out List<Exchange>? watched))
        {
            _watched[session] = watched = [];
        }

        foreach (Exchange earlier in watched)
        {
            Compare(earlier, exchange);
        }

        watched.Add(exchange);
    }

    private void Compare(Exchange earlier, Exchange later)
    {
        bool closed = IsAckedClose(earlier);
        if (earlier.Course == ExchangeCourse.Outstanding)
        {
            earlier.Suspicions.Add(
                ($"Two requests of session {later.Session!.Id} were in flight at once: {Name(earlier)} and {Name(later)}.", later));
        }
        else if (closed && earlier.Course == ExchangeCourse.Answering)
        {
            earlier.Suspicions.Add((AfterClose(earlier, later), later));
        }
        else if (closed && earlier.Course == ExchangeCourse.Answered)
        {
            _violations.Add(AfterClose(earlier, later));
        }
    }

    // Requests on two connections may arrive in another order than they were sent. If the client aborted the one that arrived later, it may
    // have sent it first, so nothing is known until that one has ended.
    private void Confirm(List<(string Message, Exchange Later)> suspicions)
    {
        foreach ((string message, Exchange later) in suspicions)
        {
            switch (later.Course)
            {
                case ExchangeCourse.Outstanding or ExchangeCourse.Answering:
                    later.SuspicionsOfEarlier.Add(message);
                    break;
                case ExchangeCourse.Answered or ExchangeCourse.Dropped:
                    _violations.Add(message);
                    break;
            }
        }
    }

    private static bool IsAckedClose(Exchange exchange) =>
        exchange.Is(BitsPacketNames.CloseSession) && exchange.Answer is { IsSuccess: true };

    private static string AfterClose(Exchange close, Exchange later) =>
        $"Session {later.Session!.Id} was closed by {Name(close)}, but {Name(later)} followed.";

    private static string Name(Exchange exchange) => $"{exchange.PacketType} (#{exchange.Sequence})";
}
