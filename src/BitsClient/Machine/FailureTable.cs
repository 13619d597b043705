using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>Decides how an upload continues after a failure. Read the rows from the top: the first one that matches applies.</summary>
internal static class FailureTable
{
    /// <summary>
    /// After how many retries an answer counts as one that will not change, also if the upload may be retried more often: a session that
    /// is lost, or cannot be ended, must not use up all the time that the caller allows for outages.
    /// </summary>
    private const int EnoughRetries = 5;

    public static Remedy Of(BitsUploadException failure, BitsPacket packet, UploadState state) => (failure, packet) switch
    {
        // The session is gone: a cleanup, a timeout, or another node of a farm. It may also be gone because a Close-Session succeeded and
        // its ack was lost. The two cases cannot be told apart, and only a new session ensures that the file is stored.
        (BitsServerException { ErrorCode: BitsHResult.SessionNotFound }, BitsPacket.Fragment or BitsPacket.CloseSession) =>
            Remedy.NewSession,

        // The handler could not authenticate; the caller's hook gets one more request.
        (BitsServerException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired }, _)
            when state.Options.CanAuthenticate && !state.Budget.Challenged => Remedy.Authenticate,

        // A Ping that resumes a session asks only whether the host is there, and some servers do not know it. The fragment decides.
        (BitsProtocolException or BitsServerException
        {
            StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
                    or HttpStatusCode.NotImplemented,
        }, BitsPacket.Ping)
            when state.Session is { IsUnproven: true } => Remedy.SkipPing,

        // The reply is gone, perhaps because another process has closed the session before it ended. Only a new session gets another one.
        (BitsServerException { StatusCode: HttpStatusCode.NotFound or HttpStatusCode.Gone }, BitsPacket.GetReply)
            when state.Session is { Resumed: true } => Remedy.NewSession,

        // What only a probe, and what only a fragment can mean.
        (_, BitsPacket.Fragment { IsProbe: true }) when OfProbe(failure, state) is { } remedy => remedy,
        (_, BitsPacket.Fragment fragment) when OfFragment(failure, fragment, state) is { } remedy => remedy,

        // The canceled session is discarded anyway. If the server refuses to end it, this is worth the remaining retries, but does not fail
        // the upload. If there is no answer, other packets would get none either; the upload fails, and the session is not forgotten.
        (BitsServerException or BitsProtocolException, BitsPacket.CancelSession)
            when !failure.IsTransient || HasRetriedEnough(state) => Remedy.Ignore,

        // A busy server, a lost connection, or a timeout.
        ({ IsTransient: true }, _) => Remedy.Retry,

        // The server refused the packet or violated the protocol, or the source has changed.
        _ => Remedy.Stop,
    };

    /// <summary>A proxy may answer so if a fragment is too large for the server behind it.</summary>
    public static bool MayMeanTooLarge(HttpStatusCode status) =>
        status is HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway;

    private static Remedy? OfProbe(BitsUploadException failure, UploadState state) => failure switch
    {
        // The server does not keep the offset of a session, and has now stored the byte of the probe a second time.
        BitsProtocolException when state.Sizing.KeepsOffsets is false => Remedy.NewSession,

        // A server for which a probe breaks a rule has not said anything about offsets, unless it accepted the probe before.
        BitsServerException { StatusCode: HttpStatusCode.BadRequest } =>
            state.Session!.ProbedOffset is null ? Remedy.SkipProbe : Remedy.NewSession,
        _ => null,
    };

    private static Remedy? OfFragment(BitsUploadException failure, BitsPacket.Fragment fragment, UploadState state) => failure switch
    {
        // The offset is wrong, and the server does not say which offset it wants. If it does, this is no failure: UploadMachine applies
        // that offset, or makes a protocol error of it if it is not valid.
        BitsServerException { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable } => Remedy.NewSession,

        // The ack that specified the URL of the reply is lost, and this one need not specify it.
        BitsProtocolException { Header: BitsHeaderNames.ReplyUrl, Value: null } when state.Session is { Doubtful: true } =>
            Remedy.NewSession,

        // Servers say in many ways that they no longer know a session.
        BitsServerException refused when MayMeanLostSession(refused, state.Session!) => Remedy.NewSession,
        BitsProtocolException { Header: BitsHeaderNames.ReceivedContentRange } when state.Session is { IsUnproven: true } =>
            Remedy.NewSession,
        BitsServerException { IsTransient: true } failed
            when MayBeErrorOfSession(failed.StatusCode) && state.Acknowledged > 0 && HasRetriedEnough(state) => Remedy.NewSession,

        // The server was asked first whether it accepts the fragment, and nothing of the body was sent.
        BitsServerException { StatusCode: HttpStatusCode.ExpectationFailed } when fragment.AsksFirst => Remedy.AskNoMore,
        // If it says the same of the next smaller one, the cause may be another.
        BitsServerException refused when IsRefusedSize(refused, fragment, state) && CanShrink(fragment, state) =>
            state.Sizing.RefusedWith == refused.StatusCode ? Remedy.Shrink : Remedy.ShrinkAtOnce,

        // The fragment is too large for the server or something on the way to it. Most answer 413. The request filter of IIS answers 404,
        // although Create-Session was acknowledged at this URL. Others break the connection while they receive the fragment, and a proxy
        // in front of them answers 500 or 502: if it does that twice, a smaller fragment is worth a try.
        BitsServerException { StatusCode: HttpStatusCode.RequestEntityTooLarge } or
            BitsServerException { StatusCode: HttpStatusCode.NotFound, IsAck: false } =>
            CanShrink(fragment, state) ? Remedy.Shrink : Remedy.Stop,
        BitsServerException { IsTransient: true } proxy
            when MayMeanTooLarge(proxy.StatusCode) && state.Sizing.ErrorsAbove > 0 && MayBeTooLarge(fragment, state) =>
            CanShrink(fragment, state) ? Remedy.Shrink : Remedy.Retry,
        { IsBrokenConnection: true } when MayBeTooLarge(fragment, state) =>
            CanShrink(fragment, state) ? Remedy.Shrink : Remedy.Retry,

        _ => null,
    };

    private static bool HasRetriedEnough(UploadState state) => state.Budget.Retries >= Math.Min(state.Options.MaxRetries, EnoughRetries);

    // Servers and proxies refuse in many ways. The statuses that are left out mean something else whatever the size is, or are about the
    // server as a whole. A BITS server that denies access does not mean the size, but a firewall may.
    private static bool IsRefusedSize(BitsServerException refused, BitsPacket.Fragment fragment, UploadState state) =>
        fragment.AsksFirst && state.HighestSent <= fragment.Offset
        && refused is { RetryAfter: null } and not { StatusCode: HttpStatusCode.Forbidden, IsAck: true }
        && (int)refused.StatusCode is >= 400 and not (401 or 407 or 408 or 429 or 503 or 504);

    // A fragment that failed may have been the last one to a server that ended, and its sessions with it. In the middle of a run, a 401 is
    // about credentials that have expired: the session can be resumed with others.
    private static bool MayMeanLostSession(BitsServerException refused, OpenSession session) => refused.StatusCode switch
    {
        HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.Gone =>
            session.IsUnproven || (session.Doubtful && !refused.IsTransient),
        HttpStatusCode.Unauthorized => session.IsUnproven,
        _ => false,
    };

    // 502, 503 and 504 are about the server as a whole: it is busy, or cannot be reached. They must not cost the session.
    private static bool MayBeErrorOfSession(HttpStatusCode status) => status >= HttpStatusCode.InternalServerError
        && status is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout);

    // Larger than any that was accepted, and some of it was sent.
    private static bool MayBeTooLarge(BitsPacket.Fragment fragment, UploadState state) =>
        fragment.Length > state.Sizing.LargestAccepted && state.Session!.HighestSent > fragment.Offset;

    private static bool CanShrink(BitsPacket.Fragment fragment, UploadState state) => fragment.Length > state.Options.MinFragmentSize;
}
