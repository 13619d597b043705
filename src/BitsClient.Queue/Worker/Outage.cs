using BitsClient.Queue.Diagnostics;
using Microsoft.Extensions.Logging;

namespace BitsClient.Queue.Worker;

/// <summary>Says once that the database cannot be used, until it can be used again. Not thread-safe.</summary>
internal sealed class Outage(ILogger logger)
{
    public bool IsOn { get; private set; }

    public void Begin(Exception failure)
    {
        if (!IsOn)
        {
            QueueLog.DatabaseAway(logger, failure);
        }

        IsOn = true;
    }

    public void End() => IsOn = false;
}
