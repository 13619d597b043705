using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>What becomes of the reply in an upload-reply, pure: where it is, how much of it is here, and what its download means (MC-BUP 3.1).</summary>
internal static class ReplyRules
{
    /// <summary>The last fragment was acknowledged: its ack has to tell where the reply is. If it does not, the session is of no more use.</summary>
    public static Transition Announced(UploadState complete, BitsPacket.Fragment fragment, BitsAck ack)
    {
        Uri? url = ack.ReplyUrl is { } text ? BitsReplyUrl.Resolve(complete.Target, text) : null;
        string? objection = ack.ReplyUrl is null ? "the last ack of an upload-reply has to tell where the reply is."
            : url is null ? "it has to be an http or https URL, not http where the upload goes over https, and without user info."
            : !complete.Rules.AllowReplyFromAnyHost && url.Host != complete.Target.Host && url.Host != complete.Url.Host
                ? $"it is on another host than the upload, and {nameof(BitsUploadOptions.AllowReplyFromAnyHost)} is off."
            : null;
        return objection is null
            ? new Transition(complete with { ReplyUrl = url })
            : new Transition(complete with { Discarding = true }, AckFailure.Header(fragment, complete.Target, BitsHeaderNames.ReplyUrl, ack.ReplyUrl is null ? null : AckFailure.Shown(ack.ReplyUrl), objection));
    }

    /// <summary>So much of the reply is here, after a try that may have failed. More than ever is progress.</summary>
    public static UploadState Received(UploadState state, long length) => length <= state.ReplyHighWater ? state : state with
    {
        ReplyHighWater = length,
        RetriesWithoutProgress = 0,
    };

    public static Transition Apply(UploadState state, BitsPacket.GetReply get, BitsAck ack) =>
        AckFailure.OfReply(get, ack) is { } failure
            ? new Transition(state, failure)
            : new Transition(state with { ReplyReceived = true });
}
