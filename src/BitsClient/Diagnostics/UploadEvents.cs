using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using Microsoft.Extensions.Logging;

namespace BitsClient.Diagnostics;

/// <summary>Logs what one packet changed about an upload. Only this class decides which change is logged as which event.</summary>
internal static class UploadEvents
{
    /// <param name="logger">The logger.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="before">The state before it was sent.</param>
    /// <param name="after">The state after its ack, or after its failure was recovered from.</param>
    /// <param name="failure">Why it failed; null if it was acknowledged.</param>
    public static void Log(ILogger logger, BitsPacket packet, UploadState before, UploadState after, BitsUploadException? failure)
    {
        if (failure is null)
        {
            LogAck(logger, packet, after);
        }
        else
        {
            LogFailure(logger, packet, before, after, failure);
        }

        if (after.Session is { } session && session.Host != before.Session?.Host)
        {
            Diagnostics.Log.HostChanged(logger, BitsUrl.Shown(after.Url), session.Host?.Id ?? after.Url.Authority);
        }
    }

    private static void LogAck(ILogger logger, BitsPacket packet, UploadState after)
    {
        switch (packet)
        {
            case BitsPacket.CreateSession:
                Diagnostics.Log.SessionCreated(logger, after.Session!.Id, BitsUrl.Shown(after.Url));
                break;
            case BitsPacket.Fragment fragment:
                Diagnostics.Log.FragmentAcknowledged(logger, fragment.Length, fragment.Offset, after.Offset, after.Total);
                break;
            case BitsPacket.CloseSession:
                Diagnostics.Log.Uploaded(logger, after.Total, BitsUrl.Shown(after.Url), after.Tally.Fragments);
                break;
        }
    }

    private static void LogFailure(ILogger logger, BitsPacket packet, UploadState before, UploadState after, BitsUploadException failure)
    {
        string url = BitsUrl.Shown(after.Url);
        string kind = MessageText.Of(failure);
        bool isReplaced = after.Session is not { Discarding: false } && before.Session is { Discarding: false };
        if (isReplaced)
        {
            Diagnostics.Log.SessionRestarted(logger, url, before.Acknowledged, before.Total, kind);
        }

        if (packet is BitsPacket.CancelSession && after.Session is null)
        {
            Diagnostics.Log.SessionLeft(logger, BitsUrl.Shown(after.Target), kind);
        }

        if (after.Sizing.Size < before.Sizing.Size)
        {
            Diagnostics.Log.FragmentSizeReduced(logger, url, before.Sizing.Size, after.Sizing.Size, kind);
        }
    }
}
