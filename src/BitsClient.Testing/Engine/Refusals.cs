using System.Diagnostics;
using BitsClient.Testing.Exchanges;
using BitsClient.Testing.Sessions;

namespace BitsClient.Testing.Engine;

/// <summary>The answers to invalid packets.</summary>
internal static class Refusals
{
    public static ServerAnswer Invalid { get; } = ServerAnswer.Error(400, ErrorCodes.InvalidArgument);

    public static ServerAnswer NotFound { get; } = ServerAnswer.Error(500, ErrorCodes.SessionNotFound);

    public static ServerAnswer AccessDenied { get; } = ServerAnswer.Error(403, ErrorCodes.AccessDenied);

    public static ServerAnswer FileExists { get; } = ServerAnswer.Error(409, ErrorCodes.FileExists);

    public static ServerAnswer UrlInUse { get; } = ServerAnswer.WithoutAck(409);

    /// <summary>The answer to a packet with no session id, or with an unknown one.</summary>
    public static ServerAnswer WithoutSession(ServerRequest request) =>
        string.IsNullOrEmpty(request.Header(HeaderNames.SessionId)) ? Invalid : NotFound;

    public static ServerAnswer For(Verdict verdict, ServerSession session) => verdict switch
    {
        Verdict.Gone => NotFound,
        Verdict.OutOfPlace => ServerAnswer.Error(416, ErrorCodes.InvalidArgument, FragmentHandler.Offset(session)),
        Verdict.Superseded or Verdict.TotalChanged or Verdict.Incomplete => Invalid,
        _ => throw new UnreachableException(),
    };
}
