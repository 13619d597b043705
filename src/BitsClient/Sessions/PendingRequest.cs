using BitsClient.Content;
using BitsClient.Protocol;

namespace BitsClient.Sessions;

/// <summary>The request in flight, and what a stop does to it.</summary>
internal sealed class PendingRequest(BitsPacket packet, FragmentContent? content, bool lastFragmentSent, TimeSpan grace, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _request = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Fires when the request is to end without its ack.</summary>
    public CancellationToken Token => _request.Token;

    /// <summary>
    /// Abandons the request at once where nothing depends on its ack. The ack of a Create-Session is waited for, because it alone tells the session's
    /// name; and once the file's last byte has left, the ack of that fragment, or of Close-Session, because it tells whether the file is there.
    /// </summary>
    public void Stop()
    {
        if (MayBeAbandoned())
        {
            _request.Cancel();
        }
        else
        {
            _request.CancelAfter(grace);
        }
    }

    public void Dispose() => _request.Dispose();

    private bool MayBeAbandoned() => packet switch
    {
        BitsPacket.Fragment { IsLast: true } => !lastFragmentSent && content!.TryAbandon(),
        BitsPacket.Fragment or BitsPacket.Ping => true,
        _ => false,
    };
}
