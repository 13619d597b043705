using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using BitsClient.Resilience;
using BitsClient.Transport;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>Runs a session to its end, turn by turn: asks the machine for a packet, sends it, and so on until nothing is left to say.</summary>
internal sealed class UploadLoop(
    PacketExchange session, BitsUploadSource source, BitsReplyTarget? reply, ClientContext environment, Suspension suspension, CheckpointKeeper keeper, SourceHash? hash)
{
    private readonly ILogger _logger = environment.Logger;
    private volatile bool _isWaiting;

    /// <summary>A packet failed, and the time until the next try has not passed yet.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Runs until nothing is left to say; where it is suspended, it stands still in between.</summary>
    /// <exception cref="BitsUploadException">A packet or the source failed, and nothing helps.</exception>
    /// <exception cref="OperationCanceledException">The stop token fired. No request is in flight any more.</exception>
    public async Task RunAsync(ProgressReporter progress, CancellationToken stop)
    {
        if (hash is not null)
        {
            // A state that knows the hash of what was sent is not resumed with other bytes.
            await ReadAsync(() => hash.CompareAsync(stop)).ConfigureAwait(false);
        }

        bool isDone = false;
        while (!isDone)
        {
            if (suspension.IsWanted)
            {
                progress.Suspended(session.State);
                await keeper.SaveAsync(session.State).ConfigureAwait(false);
            }

            CancellationToken pause = await suspension.WaitWhileSuspendedAsync(stop).ConfigureAwait(false);

            // Whoever stopped it may be ending the session just now.
            stop.ThrowIfCancellationRequested();
            using Patience patience = new(environment.Options.NoProgressTimeout, environment.Time, stop, pause);
            isDone = await RunStretchAsync(progress, patience).ConfigureAwait(false);
        }
    }

    // As far as it gets without a suspension; true if that is to the end.
    private async Task<bool> RunStretchAsync(ProgressReporter progress, Patience patience)
    {
        ResiliencePipeline retry = RetryPipeline.Build(environment.Options.Retry, environment.Time, (failed, delay) =>
        {
            Log.Retrying(_logger, failed.Failure.PacketType, BitsUrl.Shown(session.State.Target), delay, MessageText.Of(failed.Failure));
            _isWaiting = true;
            progress.Failed(session.State, failed.Failure);
            return ValueTask.CompletedTask;
        });
        session.Begin();
        try
        {
            while (UploadMachine.Next(session.State) is not null)
            {
                long before = session.State.Acknowledged;
                await retry.ExecuteAsync(_ => TakeTurnAsync(progress, patience), patience.Token).ConfigureAwait(false);
                environment.Learnt.Learn(session.State);
                await keeper.SaveWhenDueAsync(session.State).ConfigureAwait(false);
                if (session.State.Acknowledged > before)
                {
                    patience.Renew();
                }
            }

            return true;
        }
        catch (OperationCanceledException) when (!patience.IsStopped && patience.IsPaused)
        {
            return false;
        }
        catch (OperationCanceledException) when (!patience.IsStopped && patience.IsOver)
        {
            throw patience.Stalled(session.State);
        }
        finally
        {
            _isWaiting = false;
        }
    }

    // One try of one turn. The machine is asked anew each time, for a failure may have changed what comes next.
    private async ValueTask TakeTurnAsync(ProgressReporter progress, Patience patience)
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
                    return SendAsync(packet, progress, patience, token);
                },
                patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsEnding)
        {
            throw;
        }
        catch (Exception e)
        {
            // What is none of ours is that of one of the caller's own strategies: the packet was not sent, or its fate is unknown.
            BitsUploadException failure = e as BitsUploadException ?? Failure(packet, $"the pipeline's own strategy failed: {e.Message}", e, isTransient: true);
            if (patience.IsStopped || !session.TryRecover(packet, failure))
            {
                // What may pass does not end an upload that is about to stand still: it goes on with a new budget.
                if (!patience.IsStopped && failure.IsTransient)
                {
                    patience.ThrowIfStoppedOrPaused();
                }

                throw failure;
            }

            if (packet is BitsPacket.CancelSession && session.State.SessionId is null)
            {
                Log.SessionLeft(_logger, BitsUrl.Shown(session.State.Target), MessageText.Of(failure));
            }

            patience.Begin(failure);
            if (failure.IsTransient)
            {
                throw new TryAgainException(failure);
            }
        }
    }

    private async ValueTask SendAsync(BitsPacket packet, ProgressReporter progress, Patience patience, CancellationToken strategy)
    {
        progress.Reached(session.State);
        await PrepareAsync(packet, patience.Token).ConfigureAwait(false);
        using RequestInFlight pending = new(packet, environment.Limits, environment.Time) { LastFragmentSent = session.State.LastFragmentUnanswered };
        pending.Content = packet is BitsPacket.Fragment fragment ? ContentOf(fragment, pending, progress) : null;
        pending.Reply = packet is BitsPacket.GetReply get ? DownloadOf(get, pending, progress, patience) : null;
        using CancellationTokenRegistration stopping = patience.OnStop(pending);
        using CancellationTokenRegistration ending = patience.OnOver(pending);
        using CancellationTokenRegistration ended = strategy.UnsafeRegister(_ => EndByStrategy(), null);
        suspension.Sending(pending);
        try
        {
            // A token that fired up to here stops the packet; from here on, it meets a request in flight.
            patience.ThrowIfStoppedOrPaused();
            await session.TakeTurnAsync(pending).ConfigureAwait(false);
        }
        finally
        {
            suspension.Sending(null);
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

    private async Task PrepareAsync(BitsPacket packet, CancellationToken cancellationToken)
    {
        switch (packet)
        {
            case BitsPacket.Fragment fragment:
                await ReadToAsync(fragment.Offset, cancellationToken).ConfigureAwait(false);
                if (fragment.IsLast)
                {
                    // From here on the file may be complete on the server, and what is saved has to tell so.
                    await keeper.SaveWhenDueAsync(session.State with { LastFragmentUnanswered = true }).ConfigureAwait(false);
                }

                break;
            case BitsPacket.CloseSession:
                await ReadToAsync(session.State.Total, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private FragmentContent ContentOf(BitsPacket.Fragment fragment, RequestInFlight pending, ProgressReporter progress) =>
        new(source, fragment.Offset, fragment.Length, hash, bytes =>
        {
            pending.Sent(bytes);
            progress.Sent(bytes);
        });

    private ReplyDownload DownloadOf(BitsPacket.GetReply get, RequestInFlight pending, ProgressReporter progress, Patience patience) =>
        new(get, reply!, environment.Options.MaxReplySize, part =>
        {
            pending.Received();
            progress.Received(part.Length, part.Total);
            if (part.Length > session.State.ReplyHighWater)
            {
                patience.Extend();
            }
        });

    // The hash also needs the bytes that never go out, because the server has them.
    private Task ReadToAsync(long length, CancellationToken cancellationToken) =>
        hash is null ? Task.CompletedTask : ReadAsync(() => hash.ReadToAsync(length, cancellationToken));

    private async Task ReadAsync(Func<Task> read)
    {
        try
        {
            await read().ConfigureAwait(false);
        }
        catch (BitsSourceChangedException e)
        {
            throw new BitsSourceChangedException(e.Message) { Url = session.State.Url, SessionId = session.State.SessionId };
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new BitsUploadException($"The source could not be read: {e.Message}", e) { Url = session.State.Url, SessionId = session.State.SessionId };
        }
    }

    private BitsUploadException Failure(BitsPacket packet, string detail, Exception? cause = null, bool isTransient = false) =>
        new(AckFailure.Message(packet, session.State.Target, detail), cause)
        {
            Url = session.State.Target,
            PacketType = packet.Type,
            SessionId = AckFailure.SessionIdOf(packet),
            IsTransient = isTransient,
        };

    private void Tell(BitsPacket packet)
    {
        UploadState state = session.State;
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
