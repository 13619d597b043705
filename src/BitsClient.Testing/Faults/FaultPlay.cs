using BitsClient.Testing.Exchanges;

namespace BitsClient.Testing.Faults;

/// <summary>Applies the faults of one packet, each at the right moment. A null answer means that the connection is closed.</summary>
internal sealed class FaultPlay(IReadOnlyList<BitsFault> faults)
{
    /// <summary>Whether a fault closed the connection in the middle of the body.</summary>
    public bool BrokeBody { get; private set; }

    /// <summary>Whether the connection is closed in order.</summary>
    public bool ClosesGracefully => faults.OfType<BitsFault.CloseGracefully>().Any();

    /// <summary>The points in the body at which the connection is closed.</summary>
    public IEnumerable<BodyStop> Stops =>
        faults.OfType<BitsFault.DropInBody>().Select(drop => new BodyStop(drop.AfterBytes, BreakBodyAsync));

    public FragmentTreatment Treatment => new(
        faults.OfType<BitsFault.KeepBytes>().Select(keep => keep.Count).DefaultIfEmpty(long.MaxValue).Min(),
        faults.OfType<BitsFault.AppendAgain>().Any());

    /// <summary>Applies the faults that come before handling; returns true if one of them prevents it.</summary>
    public bool Preempts(Exchange exchange, out ServerAnswer? answer)
    {
        answer = null;
        foreach (BitsFault fault in faults)
        {
            switch (fault)
            {
                case BitsFault.LoseSession:
                    exchange.Session?.Lose();
                    break;
                case BitsFault.DropBeforeBody or BitsFault.CloseGracefully { AfterHandling: false }:
                    return true;
                case BitsFault.Answer { AfterHandling: false } scripted:
                    answer = Scripted(scripted);
                    return true;
            }
        }

        return false;
    }

    /// <summary>Applies the faults that change, delay or drop the answer.</summary>
    public async Task<ServerAnswer?> AlterAsync(ServerAnswer? answer, CancellationToken aborted)
    {
        foreach (BitsFault fault in faults)
        {
            if (answer is null)
            {
                return null;
            }

            answer = await AlterAsync(answer, fault, aborted).ConfigureAwait(false);
        }

        return answer;
    }

    private static async Task<ServerAnswer?> AlterAsync(ServerAnswer answer, BitsFault fault, CancellationToken aborted)
    {
        switch (fault)
        {
            case BitsFault.DropAfterHandling or BitsFault.CloseGracefully { AfterHandling: true }:
                return null;
            case BitsFault.Answer { AfterHandling: true } scripted:
                return Scripted(scripted);
            case BitsFault.ReceivedContentRange range:
                return answer.With(HeaderNames.ReceivedContentRange, range.Value);
            case BitsFault.MisspelledContentRange when answer.Header(HeaderNames.ReceivedContentRange) is not null:
                return answer
                    .With(HeaderNames.MisspelledContentRange, answer.Header(HeaderNames.ReceivedContentRange))
                    .With(HeaderNames.ReceivedContentRange, value: null);
            case BitsFault.CloseConnection:
                return answer.With(HeaderNames.Connection, HeaderNames.Close);
            case BitsFault.DelayAnswer wait:
                await Task.Delay(wait.Delay, wait.Clock, aborted).ConfigureAwait(false);
                return answer;
            case BitsFault.NeverAnswer:
                await Task.Delay(Timeout.InfiniteTimeSpan, aborted).ConfigureAwait(false);
                return answer;
            default:
                return answer;
        }
    }

    private static ServerAnswer Scripted(BitsFault.Answer scripted)
    {
        ServerAnswer answer = scripted.Ack ? ServerAnswer.Ack() : ServerAnswer.WithoutAck(scripted.Status);
        foreach (BitsHeader header in scripted.Headers)
        {
            answer = answer.With(header.Name, header.Value);
        }

        if (scripted.ErrorCode is not null)
        {
            answer = answer.With(HeaderNames.ErrorCode, scripted.ErrorCode);
        }

        if (scripted.ErrorContext is not null)
        {
            answer = answer.With(HeaderNames.ErrorContext, scripted.ErrorContext);
        }

        return scripted.Endless
            ? answer.With(HeaderNames.ContentLength, value: null) with { Status = scripted.Status, Endless = true }
            : answer with { Status = scripted.Status };
    }

    private Task BreakBodyAsync(CancellationToken aborted)
    {
        BrokeBody = true;
        throw new ConnectionCutException();
    }
}
