using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Protocol;
using BitsClient.Resilience;
using Microsoft.Extensions.Logging;
using Polly;

namespace BitsClient.Sessions;

/// <summary>Runs a session to its end, turn by turn: asks the machine for a packet, sends it, and so on until nothing is left to say.</summary>
internal sealed class UploadDriver
{
    private readonly UploadSession _session;
    private readonly BitsUploadSource _source;
    private readonly BitsReplyTarget? _reply;
    private readonly BitsUploadOptions _options;
    private readonly RequestLimits _limits;
    private readonly FragmentLimits _learnt;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _caller;

    public UploadDriver(
        UploadSession session, BitsUploadSource source, BitsReplyTarget? reply, BitsUploadOptions options, FragmentLimits learnt, TimeProvider time, ILogger logger)
    {
        _session = session;
        _source = source;
        _reply = reply;
        _options = options;
        _limits = RequestLimits.From(options);
        _learnt = learnt;
        _time = time;
        _logger = logger;
        _caller = RetryPipeline.OfCaller(options.Retry, time);
    }

    /// <exception cref="BitsUploadException">A packet or the source failed, and nothing helps.</exception>
    /// <exception cref="OperationCanceledException">The stop token fired. No request is in flight any more.</exception>
    public async Task RunAsync(ProgressReporter progress, CancellationToken stop)
    {
        using Patience patience = new(_options.NoProgressTimeout, _time, stop);
        ResiliencePipeline retry = RetryPipeline.Build(_options.Retry, _time, (failed, delay) =>
        {
            Log.Retrying(_logger, failed.Failure.PacketType, BitsUrl.Shown(_session.State.Target), delay, failed.Failure.GetType().Name);
            progress.Failed(_session.State);
            return ValueTask.CompletedTask;
        });
        _session.Begin();
        while (UploadMachine.Next(_session.State) is not null)
        {
            long before = _session.State.Acknowledged;
            try
            {
                await retry.ExecuteAsync(_ => TakeTurnAsync(progress, patience, stop), patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (patience.IsOver && !stop.IsCancellationRequested)
            {
                throw patience.Stalled(_session.State);
            }

            _learnt.Learn(_session.State);
            if (_session.State.Acknowledged > before)
            {
                patience.Renew();
            }
        }
    }

    // One try of one turn. The machine is asked anew each time, for a failure may have changed what comes next.
    private async ValueTask TakeTurnAsync(ProgressReporter progress, Patience patience, CancellationToken stop)
    {
        if (_session.Next(_learnt) is not { } packet)
        {
            // A strategy of the caller's failed after the last packet was acked.
            return;
        }

        try
        {
            await _caller.ExecuteAsync(_ => SendAsync(packet, progress, patience, stop), patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested || patience.IsOver)
        {
            throw;
        }
        catch (Exception e)
        {
            BitsUploadException failure = e as BitsUploadException ?? Foreign(e, packet);
            if (stop.IsCancellationRequested || !_session.TryRecover(packet, failure))
            {
                throw failure;
            }

            patience.Begin(failure);
            if (failure.IsTransient)
            {
                throw new TryAgainException(failure);
            }
        }
    }

    private async ValueTask SendAsync(BitsPacket packet, ProgressReporter progress, Patience patience, CancellationToken stop)
    {
        progress.Reached(_session.State);
        FragmentContent? content = null;
        ReplyDownload? reply = null;
        PendingRequest? pending = null;
        if (packet is BitsPacket.Fragment fragment)
        {
            content = new FragmentContent(_source, fragment.Offset, fragment.Length, bytes =>
            {
                pending!.Sent(bytes);
                progress.Sent(bytes);
            });
        }

        if (packet is BitsPacket.GetReply get)
        {
            reply = new ReplyDownload(get, _reply!, _options.MaxReplySize, part =>
            {
                pending!.Received();
                progress.Received(part.Length, part.Total);
                if (part.Length > _session.State.ReplyHighWater)
                {
                    patience.Renew();
                }
            });
        }

        bool lastSent = _session.State.LastFragmentUnanswered;
        using (pending = new PendingRequest(packet, _limits, _time) { Content = content, Reply = reply, LastFragmentSent = lastSent })
        {
            using CancellationTokenRegistration stopping = stop.UnsafeRegister(static request => ((PendingRequest)request!).Stop(), pending);
            using CancellationTokenRegistration ending = patience.OnOver(pending);

            // A token that fired up to here stops the packet; from here on, it meets a request in flight.
            stop.ThrowIfCancellationRequested();
            await _session.TakeTurnAsync(pending).ConfigureAwait(false);
        }

        Tell(packet);
    }

    // One of the caller's own strategies threw: the packet was not sent, or its fate is unknown.
    private BitsUploadException Foreign(Exception e, BitsPacket packet) =>
        new(AckFailure.Message(packet, _session.State.Target, $"the pipeline's own strategy failed: {e.Message}"), e)
        {
            Url = _session.State.Target,
            PacketType = packet.Type,
            SessionId = _session.State.SessionId,
            IsTransient = true,
        };

    private void Tell(BitsPacket packet)
    {
        SessionState state = _session.State;
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
