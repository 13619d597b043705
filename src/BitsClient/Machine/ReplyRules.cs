using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>
/// The reply of an upload-reply: where it is, how much of it was downloaded, and what the answer to its download means (MC-BUP 3.1).
/// </summary>
internal static class ReplyRules
{
    /// <summary>
    /// The last fragment was acknowledged: its ack must specify the URL of the reply. If it does not, the session can no longer be used.
    /// </summary>
    /// <param name="complete">The state since.</param>
    /// <param name="fragment">The fragment.</param>
    /// <param name="ack">Its ack.</param>
    /// <param name="isOwnAck">
    /// It is the ack of that fragment; otherwise, it only reports that the server has the fragment, whose own ack was lost.
    /// </param>
    public static Transition Announced(UploadState complete, BitsPacket.Fragment fragment, BitsAck ack, bool isOwnAck)
    {
        OpenSession session = complete.Session!;
        Uri? url = ack.ReplyUrl is { } text ? BitsReplyUrl.Resolve(complete.Target, text) : null;
        if (Objection(complete, ack.ReplyUrl, url) is not { } objection)
        {
            return new Transition(complete with { Session = session with { ReplyUrl = url } });
        }

        string? shown = ack.ReplyUrl is null ? null : MessageText.OfServerUrl(ack.ReplyUrl);
        UploadState discarded = complete.Discarded();
        return new Transition(
            isOwnAck ? discarded : discarded with { Session = discarded.Session! with { Doubtful = true } },
            AckFailure.Header(fragment, complete.Target, BitsHeaderNames.ReplyUrl, shown, objection));
    }

    /// <summary>
    /// This much of the reply was downloaded, in an attempt that may have failed. If it is more than ever before, it counts as progress.
    /// </summary>
    public static UploadState Received(UploadState state, long length) => state.Session is { } session && length > session.ReplyHighWater
        ? state with { Session = session with { ReplyHighWater = length }, Budget = state.Budget with { Retries = 0 } }
        : state;

    /// <summary>The answer to the download.</summary>
    public static Transition Apply(UploadState state, BitsPacket.GetReply get, BitsAck ack) => AckFailure.OfReply(get, ack) is { } failure
        ? new Transition(state, failure)
        : new Transition(state with { Session = state.Session! with { ReplyReceived = true } });

    /// <summary>Why a reply is not downloaded from where it is, as the end of a sentence; null if it is.</summary>
    public static string? ObjectionTo(UploadState state, Uri reply)
    {
        BitsOrigin origin = BitsOrigin.Of(reply);
        return state.Options.AllowReplyFromAnyOrigin || origin == BitsOrigin.Of(state.Target) || origin == BitsOrigin.Of(state.Url)
            || state.Ledger.Entries.Any(entry => state.IsCurrent(entry) && origin == BitsOrigin.Of(entry.Target))
            ? null
            : "its scheme, host and port are neither those of the upload's URL nor those of the session, and "
                + $"{nameof(BitsUploadOptions.AllowReplyFromAnyOrigin)} is off.";
    }

    // What is wrong with the reply's URL, as the end of a sentence; null if nothing is.
    private static string? Objection(UploadState complete, string? text, Uri? url)
    {
        if (text is null)
        {
            return "the last ack of an upload-reply must specify the URL of the reply.";
        }

        return url is null
            ? "it must be an http or https URL without user info, and https if the upload uses https."
            : ObjectionTo(complete, url);
    }
}
