using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Polly;

namespace BitsClient.Sessions;

/// <summary>
/// Ends the session of an upload that is canceled: sends Cancel-Session with its own time limit, and reports what is certain.
/// </summary>
internal sealed class SessionCancellation(PacketExchange exchange, ClientContext context)
{
    private readonly ResiliencePipeline<Attempt> _retry = CancelRetry.Build(context.Time);

    /// <summary>
    /// Ends the session. No other request of it may be in flight. Does not throw, and never claims more than the server confirmed.
    /// </summary>
    public async Task<CancelResult> CancelAsync()
    {
        CancelResult result = await EndSessionAsync().ConfigureAwait(false);
        Log.Canceled(context.Logger, BitsUrl.Shown(exchange.State.Target), result.Outcome);
        return result;
    }

    private async Task<CancelResult> EndSessionAsync()
    {
        // The server has every byte, and the reply was downloaded: what is left is to close, not to cancel.
        Exception? notClosed = null;
        if (exchange.State is { IsOpen: true, IsComplete: true, IsReplyDue: false, Session: { Discarding: false } complete } state)
        {
            notClosed = await TrySendAsync(new BitsPacket.CloseSession(complete.Id, state.ContentName)).ConfigureAwait(false);
        }

        exchange.ForbidNewSession();
        Exception? notCanceled = null;
        if (exchange.State is { IsOpen: true, Session: { } open })
        {
            notCanceled = await TrySendAsync(new BitsPacket.CancelSession(open.Id)).ConfigureAwait(false);
        }

        if (exchange.State.Outcome is { } outcome)
        {
            return new CancelResult(outcome, notClosed);
        }

        Log.CancelFailed(context.Logger, BitsUrl.Shown(exchange.State.Target), MessageText.Of(notCanceled!));
        return new CancelResult(BitsCancelOutcome.Unconfirmed, notCanceled);
    }

    // The last failure, or null: a cancel that fails must not hide what happened.
    private async Task<Exception?> TrySendAsync(BitsPacket packet)
    {
        BitsUploadException? lastFailure = null;
        PacketResult last = default;
        using CancellationTokenSource limit = new(context.Timeouts.Cancel, context.Time);
        try
        {
            await _retry.ExecuteAsync(SendAsync, limit.Token).ConfigureAwait(false);
            return last.Abandonment is { } abandonment ? lastFailure ?? (Exception)abandonment : last.Failure;
        }
        catch (Exception e)
        {
            // Normally, the time elapsed during the delay before the retry.
            return lastFailure ?? (Exception)e;
        }

        async ValueTask<Attempt> SendAsync(CancellationToken token)
        {
            last = await exchange.ExchangeOrAuthenticateAsync(packet, context.Timeouts, token).ConfigureAwait(false);
            lastFailure = last.Failure ?? lastFailure;
            return CancelRetry.After(last.Failure);
        }
    }
}
