using System.Globalization;
using BitsClient.Testing.Exchanges;
using BitsClient.Testing.Faults;
using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Engine;

/// <summary>
/// Handles fragments. Discards an incomplete fragment unless <see cref="BitsTestServerOptions.KeepBrokenFragments"/> is true.
/// </summary>
internal sealed class FragmentHandler(BitsTestServerOptions options, ReplyShelf replies)
{
    public async Task<ServerAnswer> HandleAsync(
        Exchange exchange,
        ServerRequest request,
        IEnumerable<BodyStop> stops,
        FragmentTreatment treatment)
    {
        if (exchange.Session is not { } session)
        {
            return await RefuseAsync(exchange, request, stops, Refusals.WithoutSession(request)).ConfigureAwait(false);
        }

        if (!ContentRange.TryParse(request.Header(HeaderNames.ContentRange), out ContentRange range)
            || range.Length != request.ContentLength)
        {
            return await RefuseAsync(exchange, request, stops, Refusals.Invalid).ConfigureAwait(false);
        }

        Verdict verdict = session.Begin(exchange.Sequence, range, treatment.AppendAgain, out long known);
        if (verdict != Verdict.Accepted)
        {
            return await RefuseAsync(exchange, request, stops, Refusals.For(verdict, session)).ConfigureAwait(false);
        }

        var body = new FragmentBody(session, exchange.Sequence, known, treatment.Keep);
        try
        {
            await CopyAsync(exchange, request, stops, body.Take).ConfigureAwait(false);
        }
        catch (BrokenBodyException) when (options.KeepBrokenFragments)
        {
            session.Commit(exchange.Sequence, range.Start + body.Kept);
            throw;
        }

        verdict = session.Commit(exchange.Sequence, range.Start + body.Kept);
        return verdict == Verdict.Accepted ? Acknowledge(session, request.Url) : Refusals.For(verdict, session);
    }

    public static BitsHeader Offset(ServerSession session) =>
        new(HeaderNames.ReceivedContentRange, session.Received.ToString(CultureInfo.InvariantCulture));

    private ServerAnswer Acknowledge(ServerSession session, Uri url)
    {
        BitsTestSession now = session.Snapshot();
        return options.Reply is { } reply && now.Received == now.Total
            ? ServerAnswer.Ack(Offset(session), new BitsHeader(HeaderNames.ReplyUrl, replies.Put(session, url, () => reply(now))))
            : ServerAnswer.Ack(Offset(session));
    }

    /// <summary>Reads the body before refusing it: an answer sent earlier often does not reach the client.</summary>
    private static async Task<ServerAnswer> RefuseAsync(
        Exchange exchange,
        ServerRequest request,
        IEnumerable<BodyStop> stops,
        ServerAnswer refusal)
    {
        await CopyAsync(exchange, request, stops, static _ => { }).ConfigureAwait(false);
        return refusal;
    }

    private static async Task CopyAsync(
        Exchange exchange,
        ServerRequest request,
        IEnumerable<BodyStop> stops,
        Action<ReadOnlyMemory<byte>> take)
    {
        try
        {
            using var sink = new BodySink(exchange, request, stops, take);
            await request.CopyBodyAsync(sink).ConfigureAwait(false);
            sink.CheckComplete();
        }
        catch (Exception e)
        {
            throw new BrokenBodyException(e);
        }
    }
}
