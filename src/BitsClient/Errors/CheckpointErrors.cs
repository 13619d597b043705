using BitsClient.Protocol;

namespace BitsClient.Errors;

/// <summary>Finds what is wrong with a checkpoint, which may come from a file that was edited.</summary>
internal static class CheckpointErrors
{
    /// <summary>The first error, as a sentence; null if the checkpoint is valid.</summary>
    public static string? Find(BitsUploadCheckpoint checkpoint) =>
        FindInUrl(checkpoint) ?? FindInOtherSessions(checkpoint) ?? FindInSession(checkpoint) ?? FindInSource(checkpoint)
        ?? FindInReply(checkpoint) ?? FindInHost(checkpoint) ?? FindInSizes(checkpoint);

    private static string? FindInUrl(BitsUploadCheckpoint checkpoint) =>
        checkpoint.Url is null ? "The checkpoint has no URL." : BitsUrl.FindError(checkpoint.Url);

    private static string? FindInSession(BitsUploadCheckpoint checkpoint)
    {
        bool areNumbersValid = checkpoint.BytesTotal >= 1
            && checkpoint.BytesAcknowledged >= 0
            && checkpoint.BytesAcknowledged <= (checkpoint.BytesSentAtMost ?? checkpoint.BytesTotal)
            && !(checkpoint.BytesSentAtMost > checkpoint.BytesTotal);
        bool hasSession = checkpoint.SessionId is { } id
            ? BitsSessionId.IsValid(id)
            : checkpoint is { BytesAcknowledged: 0, OtherSessions.Count: > 0 };
        return areNumbersValid && hasSession
            ? null
            : "The checkpoint has no valid session id, or its byte counts contradict each other.";
    }

    private static string? FindInOtherSessions(BitsUploadCheckpoint checkpoint)
    {
        bool areValid = checkpoint.OtherSessions.All(other =>
            other is { Url: { } url } && BitsUrl.FindError(url) is null
            && (other.SessionId is null || BitsSessionId.IsValid(other.SessionId)));
        return areValid ? null : "One of the checkpoint's other sessions has no valid URL or session id.";
    }

    private static string? FindInSource(BitsUploadCheckpoint checkpoint)
    {
        bool isValid = checkpoint.Source is not { } source
            || (source.Length == checkpoint.BytesTotal && source.PrefixLength >= 0 && source.PrefixLength <= checkpoint.BytesTotal);
        return isValid ? null : "The length of the checkpoint's source is not the length of its upload.";
    }

    private static string? FindInReply(BitsUploadCheckpoint checkpoint)
    {
        bool isUrlDue = checkpoint.ExpectsReply && checkpoint.BytesAcknowledged == checkpoint.BytesTotal && !checkpoint.NeedsNewSession;
        if (checkpoint.ReplyUrl is not { } url)
        {
            return isUrlDue ? "The checkpoint does not specify the URL of the reply." : null;
        }

        bool isUsable = url.IsAbsoluteUri && BitsReplyUrl.Resolve(checkpoint.Url, url.AbsoluteUri) is not null;
        return isUsable && checkpoint.ExpectsReply
            ? null
            : "The checkpoint's reply URL is relative or not allowed, or no reply is expected.";
    }

    private static string? FindInHost(BitsUploadCheckpoint checkpoint)
    {
        if (checkpoint.HostId is { } id && BitsHostId.Place(checkpoint.Url, id) is null)
        {
            return "The checkpoint's host id is not a host.";
        }

        return checkpoint.HostIdFallback < TimeSpan.Zero ? "The checkpoint's fallback time for its host is negative." : null;
    }

    private static string? FindInSizes(BitsUploadCheckpoint checkpoint) =>
        checkpoint.LargestFragmentAccepted < 1 || checkpoint.FragmentSizeLimit < 1
            ? "One of the checkpoint's fragment sizes is less than 1."
            : null;
}
