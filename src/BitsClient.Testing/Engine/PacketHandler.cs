using System.Globalization;
using BitsClient.Testing.Exchanges;
using BitsClient.Testing.Faults;
using BitsClient.Testing.Sessions;
using BitsClient.Testing.Storage;

namespace BitsClient.Testing.Engine;

/// <summary>Handles a packet and returns the answer.</summary>
internal sealed class PacketHandler(BitsTestServerOptions options, SessionTable sessions, FileStore files, ReplyShelf replies)
{
    private readonly FragmentHandler _fragments = new(options, replies);

    public async Task<ServerAnswer> HandleAsync(
        Exchange exchange,
        ServerRequest request,
        IReadOnlyList<BodyStop> stops,
        FragmentTreatment treatment)
    {
        if (options.Reply is not null && request.Method is HeaderNames.Get)
        {
            return replies.Find(request.Url) is { } reply ? reply.Serve(request) with { Stops = stops } : ServerAnswer.WithoutAck(404);
        }

        if (PacketRules.Refuse(request, options.MaxRequestBytes) is { } refusal)
        {
            return refusal;
        }

        try
        {
            ServerAnswer answer = exchange.Is(BitsPacketNames.Fragment)
                ? await _fragments.HandleAsync(exchange, request, stops, treatment).ConfigureAwait(false)
                : HandleEmpty(exchange, request);
            return ReferenceEquals(answer, Refusals.NotFound) && options.UnknownSessionStatus is { } status
                ? ServerAnswer.WithoutAck(status)
                : answer;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file system refused the operation.
            return ServerAnswer.Error(500, e.HResult);
        }
    }

    private ServerAnswer HandleEmpty(Exchange exchange, ServerRequest request)
    {
        if (request.ContentLength > 0)
        {
            return Refusals.Invalid;
        }

        if (exchange.Is(BitsPacketNames.Ping))
        {
            return ServerAnswer.Ack();
        }

        if (exchange.Is(BitsPacketNames.CreateSession))
        {
            return Create(request);
        }

        if (exchange.Is(BitsPacketNames.CloseSession))
        {
            return End(exchange, request, static (session, sequence) => session.Close(sequence));
        }

        return exchange.Is(BitsPacketNames.CancelSession)
            ? End(exchange, request, static (session, sequence) => session.Cancel(sequence))
            : Refusals.Invalid;
    }

    private ServerAnswer Create(ServerRequest request)
    {
        if (!PacketRules.OffersUploadProtocol(request))
        {
            return Refusals.Invalid;
        }

        if (!StoragePath.TryParse(request.Url.AbsolutePath, out StoragePath path) || !files.CanStore(path))
        {
            return Refusals.AccessDenied;
        }

        if (!options.AllowOverwrite && files.Has(path))
        {
            return Refusals.FileExists;
        }

        if (sessions.All.Any(session => session.Blocks(path)))
        {
            return Refusals.UrlInUse;
        }

        string id = options.CreateSessionId?.Invoke() ?? Guid.NewGuid().ToString("B").ToUpperInvariant();
        object? connection = options.BindsSessionsToConnections ? request.Connection : null;
        sessions.Add(new ServerSession(id, path, files.Begin(path), options.Dialect, options.AppendsAndEchoes, connection));
        ServerAnswer ack = ServerAnswer.Ack(
            new BitsHeader(HeaderNames.Protocol, HeaderNames.UploadProtocol),
            new BitsHeader(HeaderNames.SessionId, id),
            new BitsHeader(HeaderNames.AcceptEncoding, HeaderNames.Identity));
        string? fallbackSeconds = options.HostIdFallbackTimeout?.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        return ack.With(HeaderNames.HostId, options.HostId).With(HeaderNames.HostIdFallbackTimeout, fallbackSeconds);
    }

    private static ServerAnswer End(Exchange exchange, ServerRequest request, Func<ServerSession, int, Verdict> end)
    {
        if (exchange.Session is not { } session)
        {
            return Refusals.WithoutSession(request);
        }

        Verdict verdict = end(session, exchange.Sequence);
        return verdict == Verdict.Accepted ? ServerAnswer.Ack() : Refusals.For(verdict, session);
    }
}
