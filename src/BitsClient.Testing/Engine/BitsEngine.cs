using BitsClient.Testing.Storage;

namespace BitsClient.Testing.Engine;

/// <summary>Takes each request from its arrival to its answer, whichever host it came through. Thread-safe.</summary>
internal sealed class BitsEngine
{
    private readonly PacketHandler _handler;

    public BitsEngine(BitsTestServerOptions options)
    {
        Files = FileStore.For(options);
        _handler = new PacketHandler(options, Sessions, Files);
    }

    public FileStore Files { get; }

    public SessionTable Sessions { get; } = new();

    public Dialogue Dialogue { get; } = new();

    public GateKeeper Gates { get; } = new();

    public async Task HandleAsync(ServerRequest request)
    {
        Exchange exchange = Dialogue.Begin(request, Sessions.Find(request.Header(HeaderNames.SessionId)));
        var course = ExchangeCourse.Aborted;
        try
        {
            ServerAnswer answer = await PlayAsync(exchange, request).ConfigureAwait(false);
            if (request.ClientIsGone)
            {
                request.HangUp(reason: null);
                return;
            }

            Dialogue.Answering(exchange, answer);
            await request.AnswerAsync(answer).ConfigureAwait(false);
            course = ExchangeCourse.Answered;
        }
        catch (BrokenBodyException e)
        {
            request.HangUp(e.InnerException);
        }
        catch (OperationCanceledException) when (request.Aborted.IsCancellationRequested)
        {
            request.HangUp(reason: null);
        }
        finally
        {
            Dialogue.End(exchange, course);
        }
    }

    private async Task<ServerAnswer> PlayAsync(Exchange exchange, ServerRequest request)
    {
        ILookup<GateStage, GateKeeper.ArmedGate> gates = Gates.Count(exchange).ToLookup(gate => gate.Stage);
        await PassAsync(gates[GateStage.Request], request.Aborted).ConfigureAwait(false);
        IEnumerable<BodyStop> stops = gates[GateStage.Body].Select(gate => new BodyStop(gate.AfterBytes, gate.Gate.PassAsync));
        ServerAnswer answer = await _handler.HandleAsync(exchange, request, stops).ConfigureAwait(false);
        await PassAsync(gates[GateStage.Ack], request.Aborted).ConfigureAwait(false);
        return answer;
    }

    private static async Task PassAsync(IEnumerable<GateKeeper.ArmedGate> gates, CancellationToken aborted)
    {
        foreach (GateKeeper.ArmedGate gate in gates)
        {
            await gate.Gate.PassAsync(aborted).ConfigureAwait(false);
        }
    }
}
