using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>Runs a session to its end, turn by turn: asks the machine for a packet, sends it, and so on until nothing is left to say.</summary>
internal sealed class UploadDriver(UploadSession session, BitsUploadSource source, BitsReplyTarget? reply, UploadEnvironment environment)
{
    private readonly ILogger _logger = environment.Logger;
    private volatile bool _isWaiting;

    /// <summary>A packet failed, and the time until the next try has not passed yet.</summary>
    public bool IsWaiting => _isWaiting;

    /// <exception cref="BitsUploadException">A packet or the source failed, and nothing helps.</exception>
    /// <exception cref="OperationCanceledException">The stop token fired. No request is in flight any more.</exception>
    public async Task RunAsync(ProgressReporter progress, CancellationToken stop)
    {
        using Patience patience = new(environment.Options.NoProgressTimeout, environment.Time, stop);
        ResiliencePipeline retry = RetryPipeline.Build(environment.Options.Retry, environment.Time, (failed, delay) =>
        {
            Log.Retrying(_logger, failed.Failure.PacketType, BitsUrl.Shown(session.State.Target), delay, failed.Failure.GetType().Name);
            _isWaiting = true;
            progress.Failed(session.State);
            return ValueTask.CompletedTask;
        });
        session.Begin();
        while (UploadMachine.Next(session.State) is not null)
        {
            long before = session.State.Acknowledged;
            try
            {
                await retry.ExecuteAsync(_ => TakeTurnAsync(progress, patience, stop), patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (patience.IsOver && !stop.IsCancellationRequested)
            {
                throw patience.Stalled(session.State);
            }

            environment.Learnt.Learn(session.State);
            if (session.State.Acknowledged > before)
            {
                patience.Renew();
            }
        }
    }

    // One try of one turn. The machine is asked anew each time, for a failure may have changed what comes next.
    private async ValueTask TakeTurnAsync(ProgressReporter progress, Patience patience, CancellationToken stop)
    {
        _isWaiting = false;
        if (session.Next(environment.Learnt) is not { } packet)
        {
            // A strategy of the caller's failed after the last packet was acked.
            return;
        }

        try
        {
            bool wasSent = false;
            await environment.CallersPipeline.ExecuteAsync(
                token =>
                {
                    if (wasSent)
                    {
                        throw Failure(packet, $"{nameof(BitsRetryOptions.ConfigurePipeline)} has a strategy that sends a packet twice; repeating is the upload's own business.");
                    }

                    wasSent = true;
                    return SendAsync(packet, progress, patience, stop, token);
                },
                patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || patience.IsOver)
        {
            throw;
        }
        catch (Exception e)
        {
            // What is none of ours is that of one of the caller's own strategies: the packet was not sent, or its fate is unknown.
            BitsUploadException failure = e as BitsUploadException ?? Failure(packet, $"the pipeline's own strategy failed: {e.Message}", e, isTransient: true);
            if (stop.IsCancellationRequested || !session.TryRecover(packet, failure))
            {
                throw failure;
            }

            if (packet is BitsPacket.CancelSession && session.State.SessionId is null)
            {
                Log.CancelFailed(_logger, BitsUrl.Shown(session.State.Target), failure.GetType().Name);
            }

            patience.Begin(failure);
            if (failure.IsTransient)
            {
                throw new TryAgainException(failure);
            }
        }
    }

    private async ValueTask SendAsync(BitsPacket packet, ProgressReporter progress, Patience patience, CancellationToken stop, CancellationToken strategy)
    {
        progress.Reached(session.State);
        FragmentContent? content = null;
        ReplyDownload? download = null;
        PendingRequest? pending = null;
        if (packet is BitsPacket.Fragment fragment)
        {
            content = new FragmentContent(source, fragment.Offset, fragment.Length, bytes =>
            {
                pending!.Sent(bytes);
                progress.Sent(bytes);
            });
        }

        if (packet is BitsPacket.GetReply get)
        {
            download = new ReplyDownload(get, reply!, environment.Options.MaxReplySize, part =>
            {
                pending!.Received();
                progress.Received(part.Length, part.Total);
                if (part.Length > session.State.ReplyHighWater)
                {
                    patience.Renew();
                }
            });
        }

        bool lastSent = session.State.LastFragmentUnanswered;
        using (pending = new PendingRequest(packet, environment.Limits, environment.Time) { Content = content, Reply = download, LastFragmentSent = lastSent })
        {
            using CancellationTokenRegistration stopping = stop.UnsafeRegister(static request => ((PendingRequest)request!).Stop(), pending);
            using CancellationTokenRegistration ending = patience.OnOver(pending);
            using CancellationTokenRegistration ended = strategy.UnsafeRegister(_ => EndByStrategy(), null);

            // A token that fired up to here stops the packet; from here on, it meets a request in flight.
            stop.ThrowIfCancellationRequested();
            await session.TakeTurnAsync(pending).ConfigureAwait(false);
        }

        Tell(packet);

        // A strategy's own time-out, for example. Where the upload is stopped, the strategy's token fires as well, but what then happens is not the strategy's to say.
        void EndByStrategy()
        {
            if (!patience.Token.IsCancellationRequested)
            {
                pending.Abandon();
            }
        }
    }

    private BitsUploadException Failure(BitsPacket packet, string detail, Exception? cause = null, bool isTransient = false) =>
        new(AckFailure.Message(packet, session.State.Target, detail), cause)
        {
            Url = session.State.Target,
            PacketType = packet.Type,
            SessionId = session.State.SessionId,
            IsTransient = isTransient,
        };

    private void Tell(BitsPacket packet)
    {
        SessionState state = session.State;
        switch (packet)
        {
            case BitsPacket.CreateSession:
                Log.SessionCreated(_logger, state.SessionId!, BitsUrl.Shown(state.Url));
                break;
            case BitsPacket.Fragment fragment:
                Log.FragmentAcknowledged(_logger, fragment.Length, fragment.Offset, state.Offset, state.Total);
                break;
            case BitsPacket.CloseSession:
                Log.Uploaded(_logger, state.Total, BitsUrl.Shown(state.Url), state.Fragments);
                break;
        }
    }
}
