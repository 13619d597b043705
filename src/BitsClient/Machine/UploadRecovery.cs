using System.Diagnostics;
using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// Changes the state of an upload after a failure, as the <see cref="Remedy"/> says. Pure, as <see cref="UploadMachine"/>.
/// </summary>
internal static class UploadRecovery
{
    /// <summary>
    /// Changes the state after a failure, so that <see cref="UploadMachine.Next"/> returns the right packet. Also returns the failure if
    /// the upload cannot continue.
    /// </summary>
    public static Transition Apply(UploadState state, BitsPacket packet, BitsUploadException failure, Remedy remedy) => remedy switch
    {
        Remedy.Stop => new Transition(state with { Budget = state.Budget with { Challenged = false } }, failure),
        Remedy.Ignore => new Transition(state.WithoutSession(SessionFate.Open)),
        Remedy.Authenticate => new Transition(CountedRetry(state) with { Budget = state.Budget with { Challenged = true } }),
        Remedy.AskNoMore => new Transition(
            CountedRetry(state) with { Sizing = FragmentSizer.WithoutQuestions(state.Sizing, state.Options) }),
        Remedy.SkipPing => new Transition(state with { Session = state.Session! with { PingDue = false } }),
        Remedy.SkipProbe => new Transition(state with { Session = state.Session! with { IsProbeUseless = true } }),
        Remedy.Retry => Retried(state, packet, failure),
        Remedy.Shrink => Retried(Shrunk(state, packet, failure), packet, failure),
        Remedy.ShrinkAtOnce => new Transition(CountedRetry(Shrunk(state, packet, failure))),
        Remedy.NewSession when failure is BitsServerException { ErrorCode: BitsHResult.SessionNotFound } =>
            Restarted(state, state.WithoutSession(SessionFate.Gone), failure),
        Remedy.NewSession => Restarted(state, state.Discarded(), failure),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// Discards the session if bytes of it are in doubt that must not be sent again. That may be learned after the doubt arose, from
    /// another upload to the same host.
    /// </summary>
    public static Transition Reconsidered(UploadState state)
    {
        if (state is not { ForbidsResending: true, Session: { Doubtful: true, Discarding: false } session })
        {
            return new Transition(state);
        }

        const string Detail =
            $"bytes that may have arrived must not be sent again, and {nameof(BitsRetryOptions.MaxRestarts)} allows no other session.";
        return state.Budget.Restarts < state.Options.MaxRestarts
            ? new Transition(state.Discarded() with { Budget = state.Budget with { Restarts = state.Budget.Restarts + 1 } })
            : new Transition(
                state, Failure.OfPacket(new BitsPacket.CreateSession(state.ContentName), state.Target, BitsFailureReason.Protocol, Detail));
    }

    private static UploadState Shrunk(UploadState state, BitsPacket packet, BitsUploadException failure) => state with
    {
        Sizing = FragmentSizer.Refused(
            state.Sizing, state.Options, (BitsPacket.Fragment)packet, state.HasUnacknowledgedBytes,
            (failure as BitsServerException)?.StatusCode),
    };

    private static Transition Retried(UploadState state, BitsPacket packet, BitsUploadException failure)
    {
        // After a definite refusal nothing was stored, and there is nothing to wait for.
        if (!failure.IsTransient)
        {
            return new Transition(CountedRetry(state));
        }

        // While the host is unreachable and may be given up, only the first retry counts; otherwise, they would be used up before the
        // fallback time. A session that is given up is worth no such wait.
        bool isCounted = state.Session is not { UnreachedSince: not null }
            || (packet, failure) is (BitsPacket.CancelSession, BitsServerException);
        int retries = state.Budget.Retries + (isCounted ? 1 : 0);
        if (retries > state.Options.MaxRetries)
        {
            return new Transition(state, failure);
        }

        UploadState retried = CountedRetry(state) with { Budget = state.Budget with { Retries = retries } };
        if (packet is not BitsPacket.Fragment fragment)
        {
            return new Transition(retried);
        }

        // If nothing was sent, nothing is in doubt.
        return state.HasUnacknowledgedBytes ? Doubted(state, retried, fragment, failure) : new Transition(retried);
    }

    // The server has a part of the fragment, or all of it. The only way to find out is to send another.
    private static Transition Doubted(
        UploadState state, UploadState retried, BitsPacket.Fragment fragment, BitsUploadException failure)
    {
        UploadState sized = retried with
        {
            Sizing = FragmentSizer.Failed(retried.Sizing, retried.Options, fragment, failure),
        };
        if (state.ForbidsResending)
        {
            // If the server has acknowledged nothing, nothing is lost with the session, and the retry is enough of a limit.
            return state.Acknowledged == 0 ? new Transition(sized.Discarded()) : Restarted(state, sized.Discarded(), failure);
        }

        return new Transition(sized with
        {
            Session = sized.Session! with
            {
                Doubtful = true,
                DoubtfulLength = Math.Max(fragment.Length, sized.Session.Doubtful ? sized.Session.DoubtfulLength : 0),
            },
        });
    }

    private static Transition Restarted(UploadState state, UploadState restarted, BitsUploadException failure) =>
        state.Budget.Restarts < state.Options.MaxRestarts
            ? new Transition(restarted with
            {
                Budget = restarted.Budget with { Restarts = state.Budget.Restarts + 1, Retries = 0 },
                Tally = restarted.Tally with { Retries = state.Tally.Retries + 1 },
            })
            : new Transition(state, failure);

    private static UploadState CountedRetry(UploadState state) =>
        state with { Tally = state.Tally with { Retries = state.Tally.Retries + 1 } };
}
