using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>Ends a session that nobody wants any more: Cancel-Session, with its own time limit, and an honest answer.</summary>
internal sealed class SessionCancellation(UploadSession session, RequestLimits limits, TimeProvider time, ILogger logger)
{
    private readonly ResiliencePipeline _pipeline = CancelRetry.Pipeline(time);

    /// <summary>No request of the session may be in flight. Never throws; never claims more than the server confirmed.</summary>
    public async Task<CancelReport> CancelAsync()
    {
        CancelReport report = await EndAsync().ConfigureAwait(false);
        Log.Canceled(logger, BitsUrl.Shown(session.State.Target), report.Outcome);
        return report;
    }

    private async Task<CancelReport> EndAsync()
    {
        // Every byte is there, and a reply here: what is left is to close, not to cancel.
        Exception? notClosed = null;
        if (session.State is { IsOpen: true, IsComplete: true, IsReplyDue: false, Discarding: false } complete)
        {
            notClosed = await TrySendAsync(new BitsPacket.CloseSession(complete.SessionId!, complete.ContentName)).ConfigureAwait(false);
        }

        SessionState state = session.State;
        if (state.Closed)
        {
            return new CancelReport(BitsCancelOutcome.AlreadyCompleted);
        }

        if (state.SessionId is null)
        {
            return new CancelReport(state.CreateUnanswered || state.MayBeStored ? BitsCancelOutcome.Unconfirmed : BitsCancelOutcome.NotStarted);
        }

        Exception? notCanceled = state.Canceled ? null : await TrySendAsync(new BitsPacket.CancelSession(state.SessionId)).ConfigureAwait(false);
        if (notCanceled is not null)
        {
            Log.CancelFailed(logger, BitsUrl.Shown(state.Target), notCanceled.GetType().Name);
            return new CancelReport(BitsCancelOutcome.Unconfirmed, notCanceled);
        }

        // The file is with the application behind the server; what is left, and cancelled, is its reply (Win32 Cancel-Session).
        if (state.IsReplyDue)
        {
            return new CancelReport(BitsCancelOutcome.ReplyCanceled);
        }

        return new CancelReport(state.MayBeStored ? BitsCancelOutcome.Unconfirmed : BitsCancelOutcome.SessionCanceled, notClosed);
    }

    // The failure, if there was one: a cancel that fails must not hide what happened.
    private async Task<Exception?> TrySendAsync(BitsPacket packet)
    {
        Exception? failure = null;
        using CancellationTokenSource limit = new(limits.Cancel, time);
        try
        {
            await _pipeline.ExecuteAsync(SendAsync, limit.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return failure ?? e;
        }

        async ValueTask SendAsync(CancellationToken token)
        {
            try
            {
                await session.TakeTurnAsync(packet, limits, token).ConfigureAwait(false);
            }
            catch (BitsUploadException e)
            {
                failure = e;
                throw;
            }
        }
    }
}
