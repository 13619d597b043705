using System.Diagnostics;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Resilience;

namespace BitsClient.Sessions;

/// <summary>
/// Ends the session of an upload that is canceled: sends Cancel-Session with its own time limit, and reports what is certain.
/// </summary>
internal sealed class SessionCancellation(PacketExchange exchange, ClientContext context)
{
    /// <summary>
    /// Ends the session. No other request of it may be in flight. Does not throw, and never claims more than the server confirmed.
    /// </summary>
    public async Task<CancelResult> EndAsync()
    {
        Activity? activity = UploadTelemetry.StartCancel();
        long begun = context.Time.GetTimestamp();
        CancelResult result = await EndSessionAsync().ConfigureAwait(false);
        UploadTelemetry.EndCancel(activity, exchange.State, result.Outcome, context.Time.GetElapsedTime(begun));
        Log.Canceled(context.Logger, BitsUrl.Shown(exchange.State.Target), result.Outcome);
        return result;
    }

    /// <summary>
    /// Ends the sessions that the upload no longer uses, each where it is, with one attempt. Those that cannot be ended are logged, and
    /// stay in the ledger. Does not throw.
    /// </summary>
    public Task EndEarlierAsync() => EndEarlierAsync(TrySendOnceAsync, endsCurrent: false);

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
            if (notCanceled is not null)
            {
                Log.CancelFailed(context.Logger, BitsUrl.Shown(exchange.State.Target), MessageText.Of(notCanceled));
            }
        }

        Exception? notEnded = await EndEarlierAsync(TrySendAsync, endsCurrent: true).ConfigureAwait(false);
        return exchange.State.Outcome is { } outcome
            ? new CancelResult(outcome, notClosed ?? notEnded)
            : new CancelResult(BitsCancelOutcome.Unconfirmed, notCanceled);
    }

    // The server that the upload uses now may not know the session, so only the one that acknowledged it is asked.
    // The current session may be in the ledger too, as it was seen at another host; it ends only if the upload is canceled.
    private async Task<Exception?> EndEarlierAsync(Func<BitsPacket, CancellationToken, Task<Exception?>> send, bool endsCurrent)
    {
        Exception? notEnded = null;
        UploadState state = exchange.State;
        List<LedgerEntry> entries = [.. state.Ledger.ToEnd.Where(entry => endsCurrent || !state.IsCurrent(entry))];
        using CancellationTokenSource? limit = entries.Count == 0
            ? null
            : context.Time.CreateCancellationTokenSource(context.Timeouts.Cancel);
        foreach (LedgerEntry entry in entries)
        {
            if (await send(new BitsPacket.CancelSession(entry.Id!, entry.Target), limit!.Token).ConfigureAwait(false) is { } failure)
            {
                Log.SessionLeft(context.Logger, BitsUrl.Shown(entry.Target), MessageText.Of(failure));
                notEnded = failure;
            }
        }

        return notEnded;
    }

    private async Task<Exception?> TrySendOnceAsync(BitsPacket packet, CancellationToken limit)
    {
        PacketResult result = await exchange.ExchangeOrAuthenticateAsync(packet, context.Timeouts, limit).ConfigureAwait(false);
        return result.Failure ?? (Exception?)result.Abandonment;
    }

    private async Task<Exception?> TrySendAsync(BitsPacket packet)
    {
        using CancellationTokenSource limit = context.Time.CreateCancellationTokenSource(context.Timeouts.Cancel);
        return await TrySendAsync(packet, limit.Token).ConfigureAwait(false);
    }

    // The last failure, or null: a cancel that fails must not hide what happened.
    private async Task<Exception?> TrySendAsync(BitsPacket packet, CancellationToken limit)
    {
        BitsUploadException? lastFailure = null;
        PacketResult last = default;
        try
        {
            await context.CancelRetry.ExecuteAsync(SendAsync, limit).ConfigureAwait(false);
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
            return CancelRetry.After(packet, last.Failure);
        }
    }
}
