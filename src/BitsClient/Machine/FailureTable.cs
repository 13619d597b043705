using System.Net;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>What a failure means: the one place that decides. Read it from the top; the first row that fits counts.</summary>
internal static class FailureTable
{
    public static Remedy Of(BitsUploadException failure, BitsPacket packet, UploadState state) => (failure, packet) switch
    {
        // The server's clean-up, another node, or a time-out took the session. It may as well have been a Close-Session whose ack got lost, but nobody
        // can tell that from a file that is gone: only another session ends in a file that is surely there.
        (BitsServerException { ErrorCode: BitsHResult.SessionNotFound }, BitsPacket.Fragment or BitsPacket.CloseSession) => Remedy.NewSession,

        // An offset mismatch, and the server does not tell which offset it wants.
        (BitsServerException { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable }, BitsPacket.Fragment) => Remedy.NewSession,

        // Too big for the server or something on the way: 413 says so. IIS's request filter says 404, after smaller ones passed. Others cut the line.
        (BitsServerException { StatusCode: HttpStatusCode.RequestEntityTooLarge }, BitsPacket.Fragment fragment) => ShrinkIfPossible(fragment, state),
        (BitsServerException { StatusCode: HttpStatusCode.NotFound, IsAck: false }, BitsPacket.Fragment fragment) when state.Sizing.LargestAccepted > 0
            => ShrinkIfPossible(fragment, state),
        ({ IsBrokenConnection: true }, BitsPacket.Fragment fragment) when fragment.Length > state.Sizing.LargestAccepted && state.Session!.HighestSent > fragment.Offset
            => ShrinkIfPossible(fragment, state) is Remedy.Shrink ? Remedy.Shrink : Remedy.Retry,

        // The handler had its chance; the caller's hook gets one more.
        (BitsServerException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.ProxyAuthenticationRequired }, _)
            when state.Options.CanAuthenticate && !state.Budget.Challenged => Remedy.Authenticate,

        // The session is thrown away all the same: where the server does not end it, that is worth the tries that are left, but not the upload. Where there
        // is no answer, nothing else would get one either, and the session is not forgotten.
        (BitsServerException or BitsProtocolException, BitsPacket.CancelSession) when !failure.IsTransient || state.Budget.Retries >= state.Options.MaxRetries
            => Remedy.Ignore,

        // What passes by itself: a busy server, a lost connection, silence.
        ({ IsTransient: true }, _) => Remedy.Retry,

        // A refusal, a server that makes no sense, a source that changed.
        _ => Remedy.Stop,
    };

    private static Remedy ShrinkIfPossible(BitsPacket.Fragment fragment, UploadState state) =>
        fragment.Length > state.Options.MinFragmentSize ? Remedy.Shrink : Remedy.Stop;
}
