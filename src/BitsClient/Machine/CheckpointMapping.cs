using BitsClient.Errors;
using BitsClient.Protocol;

namespace BitsClient.Machine;

/// <summary>Turns the state of an upload into the checkpoint that is saved of it, and back.</summary>
internal static class CheckpointMapping
{
    /// <summary>The upload that a checkpoint describes.</summary>
    /// <exception cref="ArgumentException">The checkpoint is not valid.</exception>
    public static UploadState ToState(BitsUploadCheckpoint checkpoint, MachineOptions options)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (CheckpointErrors.Find(checkpoint) is { } error)
        {
            throw new ArgumentException(error, nameof(checkpoint));
        }

        long highestSent = checkpoint.MayBeComplete ? checkpoint.BytesTotal : checkpoint.BytesAcknowledged;
        return new UploadState
        {
            Url = checkpoint.Url,
            Options = options,
            Identity = new UploadIdentity
            {
                Id = checkpoint.Id,
                CreatedAt = checkpoint.CreatedAt,
                Source = checkpoint.Source,
                ReplyPath = checkpoint.ReplyPath,
            },
            Total = checkpoint.BytesTotal,
            WantsReply = checkpoint.ExpectsReply,
            Session = new OpenSession
            {
                Id = checkpoint.SessionId,
                Host = HostOf(checkpoint),
                Discarding = checkpoint.NeedsNewSession,
                Offset = checkpoint.BytesAcknowledged,
                Acknowledged = checkpoint.BytesAcknowledged,
                HighestSent = highestSent,
                LastFragmentUnanswered = checkpoint.MayBeComplete,
                ReplyUrl = checkpoint.ReplyUrl,
                ReplyReceived = checkpoint.IsReplyReceived,
            },
            Earlier = new EarlierSessions { MayBeStored = checkpoint.EarlierSessionIsUncertain },
            Budget = new RetryBudget { HighWater = checkpoint.BytesAcknowledged },
            Tally = new Tally { HighestSent = highestSent },
        };
    }

    /// <summary>The checkpoint of the upload; null if no session is open. CheckpointKeeper adds the current time and the hash.</summary>
    public static BitsUploadCheckpoint? ToCheckpoint(UploadState state)
    {
        if (!state.IsOpen)
        {
            return null;
        }

        OpenSession session = state.Session!;
        return new BitsUploadCheckpoint
        {
            Id = state.Identity.Id,
            CreatedAt = state.Identity.CreatedAt,
            UpdatedAt = state.Identity.CreatedAt,
            Url = state.Url,
            Source = state.Identity.Source,
            SessionId = session.Id,
            HostId = session.Host?.Id,
            HostIdFallback = session.Host?.Fallback,
            BytesAcknowledged = session.Offset,
            BytesTotal = state.Total,
            ExpectsReply = state.WantsReply,
            ReplyUrl = session.ReplyUrl,
            IsReplyReceived = session.ReplyReceived,
            ReplyPath = state.Identity.ReplyPath,
            NeedsNewSession = session.Discarding,
            MayBeComplete = state.IsComplete || session.LastFragmentUnanswered,
            EarlierSessionIsUncertain = state.Earlier.MayBeStored || state.Earlier.MayBeOpen,
        };
    }

    private static SessionHost? HostOf(BitsUploadCheckpoint checkpoint) =>
        checkpoint.HostId is { } id ? new SessionHost(id, BitsHostId.Place(checkpoint.Url, id)!, checkpoint.HostIdFallback) : null;
}
