using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>Ends a session that nobody wants any more: Cancel-Session, with its own time limit, and an honest answer.</summary>
internal sealed class SessionCancellation(UploadSession session, TimeSpan timeout, TimeProvider time, ILogger logger)
{
    private readonly ResiliencePipeline _pipeline = CancelRetry.Pipeline(time);

    /// <summary>No request of the session may be in flight. Never throws; never claims more than the server confirmed.</summary>
    public async Task<CancelReport> CancelAsync()
    {
        CancelReport report = await EndAsync().ConfigureAwait(false);
        Log.Canceled(logger, BitsUrl.Shown(session.State.Url), report.Outcome);
        return report;
    }

    private async Task<CancelReport> EndAsync()
    {
        // Every byte is there: what is left is to close, not to cancel.
        if (session.State is { IsOpen: true, IsComplete: true } complete)
        {
            await TrySendAsync(new BitsPacket.CloseSession(complete.SessionId!, complete.ContentName)).ConfigureAwait(false);
        }

        SessionState state = session.State;
        if (state.Closed)
        {
            return new CancelReport(BitsCancelOutcome.AlreadyCompleted);
        }

        if (state.SessionId is null)
        {
            return new CancelReport(state.CreateUnanswered ? BitsCancelOutcome.Unconfirmed : BitsCancelOutcome.NotStarted);
        }

        Exception? failure = await TrySendAsync(new BitsPacket.CancelSession(state.SessionId)).ConfigureAwait(false);
        if (failure is not null)
        {
            Log.CancelFailed(logger, BitsUrl.Shown(state.Url));
            return new CancelReport(BitsCancelOutcome.Unconfirmed, failure);
        }

        // The server may have stored the file at its last fragment, so that its yes to a cancel proves nothing (MC-BUP 3.1.5, Win32 Cancel-Session).
        return new CancelReport(
            state.IsComplete || state.LastFragmentUnanswered ? BitsCancelOutcome.Unconfirmed : BitsCancelOutcome.SessionCanceled);
    }

    private async Task<Exception?> TrySendAsync(BitsPacket packet)
    {
        using CancellationTokenSource limit = new(timeout, time);
        try
        {
            await _pipeline
                .ExecuteAsync(async token => await session.TakeTurnAsync(packet, content: null, token).ConfigureAwait(false), limit.Token)
                .ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            // A cancel that fails must not hide what happened: it is told as the outcome, with this as the reason.
            return e;
        }
    }
}
