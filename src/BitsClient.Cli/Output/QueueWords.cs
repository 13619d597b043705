using System.Text.Json;
using BitsClient.Queue;

namespace BitsClient.Cli.Output;

/// <summary>The words for what a queue says of an upload.</summary>
internal static class QueueWords
{
    /// <summary>The word for a status, for example "transientError", in lists, in JSON and on the command line.</summary>
    public static string Of(BitsQueueStatus status) => JsonNamingPolicy.CamelCase.ConvertName($"{status}");

    /// <summary>The word for a priority, for example "high".</summary>
    public static string Of(BitsUploadPriority priority) => JsonNamingPolicy.CamelCase.ConvertName($"{priority}");

    /// <summary>What a cancel did.</summary>
    public static string Of(BitsCancelOutcome outcome) => outcome switch
    {
        BitsCancelOutcome.ReplyCanceled => "the server had received the whole file; its reply is canceled",
        BitsCancelOutcome.AlreadyCompleted => "already complete, the file is on the server",
        BitsCancelOutcome.Unconfirmed =>
            "canceled, but the server did not confirm it: the session or the complete file may remain on the server",
        BitsCancelOutcome.SessionCanceled => "canceled, and its session on the server",
        _ => "canceled; no session was open",
    };
}
