using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Polly;

namespace BitsClient.Sessions;

/// <summary>Ends a session that nobody wants any more: Cancel-Session, with its own time limit, and an honest answer.</summary>
internal sealed class SessionCancellation(PacketExchange session, ClientContext environment)
{
    private readonly ResiliencePipeline _pipeline = CancelRetry.Pipeline(environment.Time);

    /// <summary>No request of the session may be in flight. Never throws; never claims more than the server confirmed.</summary>
    public async Task<CancelResult> CancelAsync()
    {
        CancelResult report = await EndAsync().ConfigureAwait(false);
        Log.Canceled(environment.Logger, BitsUrl.Shown(session.State.Target), report.Outcome);
        return report;
    }

    private async Task<CancelResult> EndAsync()
    {
        // Every byte is there, and a reply here: what is left is to close, not to cancel.
        Exception? notClosed = null;
        if (session.State is { IsOpen: true, IsComplete: true, IsReplyDue: false, Discarding: false } complete)
        {
            notClosed = await TrySendAsync(new BitsPacket.CloseSession(complete.SessionId!, complete.ContentName)).ConfigureAwait(false);
        }

        session.End();
        Exception? notCanceled = null;
        if (session.State is { IsOpen: true } open)
        {
            notCanceled = await TrySendAsync(new BitsPacket.CancelSession(open.SessionId!)).ConfigureAwait(false);
        }

        if (session.State.Outcome is { } settled)
        {
            return new CancelResult(settled, notClosed);
        }

        Log.CancelFailed(environment.Logger, BitsUrl.Shown(session.State.Target), MessageText.Of(notCanceled!));
        return new CancelResult(BitsCancelOutcome.Unconfirmed, notCanceled);
    }

    // The failure, if there was one: a cancel that fails must not hide what happened.
    private async Task<Exception?> TrySendAsync(BitsPacket packet)
    {
        Exception? failure = null;
        using CancellationTokenSource limit = new(environment.Limits.Cancel, environment.Time);
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
                await session.TakeTurnAsync(packet, environment.Limits, token).ConfigureAwait(false);
            }
            catch (BitsUploadException e)
            {
                failure = e;
                throw;
            }
        }
    }
}
