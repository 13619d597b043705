using System.Globalization;
using BitsClient.Testing.Exchanges;
using BitsClient.Testing.Faults;
using BitsClient.Testing.Sessions;
using BitsClient.Testing.Storage;

namespace BitsClient.Testing.Engine;

/// <summary>Handles each request from arrival to answer, independent of the host that received it. Thread-safe.</summary>
internal sealed class BitsEngine
{
    private readonly BitsTestServerOptions _options;
    private readonly PacketHandler _handler;

    public BitsEngine(BitsTestServerOptions options)
    {
        _options = options;
        Files = FileStore.For(options);
        _handler = new PacketHandler(options, Sessions, Files, new ReplyShelf());
    }

    public FileStore Files { get; }

    public SessionTable Sessions { get; } = new();

    public Dialogue Dialogue { get; } = new();

    public GateKeeper Gates { get; } = new();

    public FaultScript Faults { get; } = new();

    public async Task HandleAsync(ServerRequest request)
    {
        Exchange exchange = Dialogue.Begin(request, Sessions.Find(request.Header(HeaderNames.SessionId), request.Connection));
        var course = ExchangeCourse.Aborted;
        try
        {
            ServerAnswer? answer = await PlayAsync(exchange, request).ConfigureAwait(false);
            if (request.ClientIsGone)
            {
                await request.HangUpAsync(reason: null).ConfigureAwait(false);
            }
            else if (answer is null)
            {
                course = ExchangeCourse.Dropped;
                await request.HangUpAsync(reason: null).ConfigureAwait(false);
            }
            else
            {
                Dialogue.Answering(exchange, answer);
                await request.AnswerAsync(answer).ConfigureAwait(false);
                course = ExchangeCourse.Answered;
            }
        }
        catch (ConnectionCutException)
        {
            course = ExchangeCourse.Dropped;
            await request.HangUpAsync(reason: null).ConfigureAwait(false);
        }
        catch (BrokenBodyException e)
        {
            await request.HangUpAsync(e.InnerException).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (request.ClientIsGone)
        {
            await request.HangUpAsync(reason: null).ConfigureAwait(false);
        }
        finally
        {
            Dialogue.End(exchange, course);
        }
    }

    /// <summary>Returns the answer, or null to close the connection.</summary>
    private async Task<ServerAnswer?> PlayAsync(Exchange exchange, ServerRequest request)
    {
        ILookup<GateStage, GateKeeper.ArmedGate> gates = Gates.Count(exchange).ToLookup(gate => gate.Stage);
        FaultPlay faults = Faults.Count(exchange);
        request.ClosesGracefully = faults.ClosesGracefully;

        await PassAsync(gates[GateStage.Request], request.Aborted).ConfigureAwait(false);
        if (!faults.Preempts(exchange, out ServerAnswer? answer))
        {
            IEnumerable<BodyStop> stops = gates[GateStage.Body].Select(gate => new BodyStop(gate.AfterBytes, gate.Gate.PassAsync));
            answer = await HandleAsync(exchange, request, [.. stops, .. faults.Stops], faults).ConfigureAwait(false);
        }

        answer = await faults.AlterAsync(answer, request.Aborted).ConfigureAwait(false);
        await PassAsync(gates[GateStage.Ack], request.Aborted).ConfigureAwait(false);
        return answer is not null && _options.Date is { } date && answer.Header(HeaderNames.Date) is null
            ? answer.With(HeaderNames.Date, date().ToString("R", CultureInfo.InvariantCulture))
            : answer;
    }

    private async Task<ServerAnswer?> HandleAsync(Exchange exchange, ServerRequest request, BodyStop[] stops, FaultPlay faults)
    {
        try
        {
            return await _handler.HandleAsync(exchange, request, stops, faults.Treatment).ConfigureAwait(false);
        }
        catch (BrokenBodyException) when (faults.BrokeBody)
        {
            return null;
        }
    }

    private static async Task PassAsync(IEnumerable<GateKeeper.ArmedGate> gates, CancellationToken aborted)
    {
        foreach (GateKeeper.ArmedGate gate in gates)
        {
            await gate.Gate.PassAsync(aborted).ConfigureAwait(false);
        }
    }
}
