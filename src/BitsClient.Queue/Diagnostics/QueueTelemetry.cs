using System.Diagnostics;
using BitsClient.Queue.Storage;

namespace BitsClient.Queue.Diagnostics;

/// <summary>The spans of the queue: one where an upload is enqueued, and one for each run, which is linked to it.</summary>
internal static class QueueTelemetry
{
    private static readonly ActivitySource Source = new("BitsClient.Queue", typeof(QueueTelemetry).Assembly.GetName().Version!.ToString(3));

    public static Activity? StartEnqueue(Guid id) =>
        Source.StartActivity("BITS enqueue", ActivityKind.Producer)?.SetTag("bits.queue.id", id.ToString("D"));

    public static Activity? StartRun(QueueEntry entry)
    {
        ActivityLink[] links = ActivityContext.TryParse(entry.TraceParent, traceState: null, isRemote: true, out ActivityContext enqueued)
            ? [new ActivityLink(enqueued)]
            : [];
        return Source.StartActivity("BITS queued upload", ActivityKind.Consumer, parentContext: default, links: links)
            ?.SetTag("bits.queue.id", entry.Upload.Id.ToString("D"));
    }

    public static void EndRun(Activity? activity, Ending ending)
    {
        activity?.SetTag("bits.queue.status", ending.Status);
        if (ending.Status == StatusText.Error || ending is { Status: StatusText.Queued, Error: not null })
        {
            activity?.SetStatus(ActivityStatusCode.Error, ending.Error);
        }
    }
}
