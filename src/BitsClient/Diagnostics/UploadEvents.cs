using BitsClient.Errors;
using BitsClient.Machine;
using BitsClient.Protocol;
using Microsoft.Extensions.Logging;

namespace BitsClient.Diagnostics;

/// <summary>Logs what happened to an upload: the one place that says which change of its state is which event.</summary>
internal static class UploadEvents
{
    /// <summary>The server acknowledged a packet.</summary>
    public static void Acknowledged(ILogger logger, BitsPacket packet, UploadState after)
    {
        switch (packet)
        {
            case BitsPacket.CreateSession when logger.IsEnabled(LogLevel.Debug):
                Log.SessionCreated(logger, after.Session!.Id, BitsUrl.Shown(after.Url));
                break;
            case BitsPacket.Fragment fragment:
                Log.FragmentAcknowledged(logger, fragment.Length, fragment.Offset, after.Offset, after.Total);
                break;
            case BitsPacket.CloseSession when logger.IsEnabled(LogLevel.Information):
                Log.Uploaded(logger, after.Total, BitsUrl.Shown(after.Url), after.Tally.Fragments);
                break;
        }
    }

    /// <summary>A packet failed, and the upload continues.</summary>
    public static void Recovered(ILogger logger, BitsPacket packet, UploadState before, UploadState after, BitsUploadException failure)
    {
        string url = BitsUrl.Shown(after.Url);
        string kind = MessageText.Of(failure);
        if (IsReplaced(before, after))
        {
            Log.SessionRestarted(logger, url, before.Acknowledged, before.Total, kind);
        }

        if (packet is BitsPacket.CancelSession && after.Session is null)
        {
            Log.SessionLeft(logger, BitsUrl.Shown(before.Target), kind);
        }

        if (after.Sizing.Size < before.Sizing.Size)
        {
            Log.FragmentSizeReduced(logger, url, before.Sizing.Size, after.Sizing.Size, kind);
        }
    }

    /// <summary>A run began, or a packet is sent next: bytes in doubt may have made the session unusable.</summary>
    public static void Doubted(ILogger logger, UploadState before, UploadState after)
    {
        if (IsReplaced(before, after))
        {
            const string Kind = $"a fragment was in flight, and {nameof(BitsUploadOptions.ResendPolicy)} does not allow to send it again";
            Log.SessionRestarted(logger, BitsUrl.Shown(after.Url), before.Acknowledged, before.Total, Kind);
        }
    }

    /// <summary>A job continues a saved upload.</summary>
    /// <param name="logger">The logger.</param>
    /// <param name="checkpoint">The upload.</param>
    /// <param name="change">How the source has changed since; null if it has not.</param>
    public static void Continued(ILogger logger, BitsUploadCheckpoint checkpoint, string? change)
    {
        string url = BitsUrl.Shown(checkpoint.Url);
        if (change is null)
        {
            Log.ContinuesExisting(logger, checkpoint.Id, url, checkpoint.BytesAcknowledged, checkpoint.BytesTotal);
        }
        else
        {
            Log.SourceReplaced(logger, checkpoint.Id, url, change);
        }
    }

    // A session that can be used became one that is to be discarded, or none.
    private static bool IsReplaced(UploadState before, UploadState after) =>
        before is { IsOpen: true, Session.Discarding: false } && after.Session is null or { Discarding: true };
}
