using BitsClient.Content;
using BitsClient.Diagnostics;
using BitsClient.Protocol;
using Microsoft.Extensions.Logging;

namespace BitsClient.Sessions;

/// <summary>Runs a session to its end, turn by turn: asks the machine for a packet, sends it, and so on until nothing is left to say.</summary>
internal sealed class UploadDriver(UploadSession session, BitsUploadSource source, TimeSpan cancelTimeout, TimeProvider time, ILogger logger)
{
    /// <exception cref="BitsUploadException">A packet or the source failed.</exception>
    /// <exception cref="OperationCanceledException">The stop token fired. No request is in flight any more.</exception>
    public async Task RunAsync(ProgressReporter progress, CancellationToken stop)
    {
        Action<int> sent = progress.Sent;
        while (UploadMachine.Next(session.State) is { } packet)
        {
            stop.ThrowIfCancellationRequested();
            progress.Reached(session.State);
            await TakeTurnAsync(packet, sent, stop).ConfigureAwait(false);
            Tell(packet);
        }
    }

    private async Task TakeTurnAsync(BitsPacket packet, Action<int> sent, CancellationToken stop)
    {
        FragmentContent? content = packet is BitsPacket.Fragment fragment ? Body(fragment, sent) : null;
        using PendingRequest pending = new(packet, content, session.State.LastFragmentUnanswered, cancelTimeout, time);
        using CancellationTokenRegistration stopping = stop.UnsafeRegister(static request => ((PendingRequest)request!).Stop(), pending);
        await session.TakeTurnAsync(packet, content, pending.Token).ConfigureAwait(false);
    }

    private FragmentContent Body(BitsPacket.Fragment fragment, Action<int> sent)
    {
        source.ThrowIfChanged();
        return new FragmentContent(source, fragment.Offset, fragment.Length, sent);
    }

    private void Tell(BitsPacket packet)
    {
        SessionState state = session.State;
        switch (packet)
        {
            case BitsPacket.CreateSession:
                Log.SessionCreated(logger, state.SessionId!, BitsUrl.Shown(state.Url));
                break;
            case BitsPacket.Fragment fragment:
                Log.FragmentAcknowledged(logger, fragment.Length, fragment.Offset, state.Offset, state.Total);
                break;
            case BitsPacket.CloseSession:
                Log.Uploaded(logger, state.Total, BitsUrl.Shown(state.Url), state.Fragments);
                break;
        }
    }
}
