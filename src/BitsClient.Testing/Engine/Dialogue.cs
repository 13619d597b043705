namespace BitsClient.Testing.Engine;

/// <summary>Keeps every exchange in order of arrival, and watches over the rules between them. Thread-safe.</summary>
internal sealed class Dialogue
{
    private readonly object _lock = new();
    private readonly List<Exchange> _exchanges = [];
    private readonly List<string> _violations = [];
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

    public Exchange Begin(ServerRequest request, UploadSession? session)
    {
        lock (_lock)
        {
            var exchange = new Exchange(_exchanges.Count + 1, request, session);
            foreach (Exchange earlier in _exchanges.Where(earlier => session is not null && earlier.Session == session))
            {
                Compare(earlier, exchange);
            }

            _exchanges.Add(exchange);
            _inFlight++;
            return exchange;
        }
    }

    /// <summary>Marks an exchange before its answer goes out, so that the client's next packet never seems to overtake it.</summary>
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
                _violations.AddRange(exchange.Suspicions);
            }
            else
            {
                exchange.Answer = null;
            }

            if (--_inFlight == 0)
            {
                _settled?.TrySetResult();
                _settled = null;
            }
        }
    }

    private void Compare(Exchange earlier, Exchange later)
    {
        bool closed = earlier.Is(BitsPacketTypes.CloseSession) && earlier.Answer is { IsSuccess: true };
        if (earlier.Course == ExchangeCourse.Outstanding)
        {
            earlier.Suspicions.Add($"Two requests of session {later.Session!.Id} were live at once: {Name(earlier)} and {Name(later)}.");
        }
        else if (closed && earlier.Course == ExchangeCourse.Answering)
        {
            earlier.Suspicions.Add(AfterClose(earlier, later));
        }
        else if (closed && earlier.Course == ExchangeCourse.Answered)
        {
            _violations.Add(AfterClose(earlier, later));
        }
    }

    private static string AfterClose(Exchange close, Exchange later) =>
        $"Session {later.Session!.Id} was closed by {Name(close)}, yet {Name(later)} followed.";

    private static string Name(Exchange exchange) => $"{exchange.PacketType} (#{exchange.Sequence})";
}
