using BitsClient.Queue.Storage;

namespace BitsClient.Queue.Worker;

/// <summary>What wakes the worker: hints of other processes, and calls in this one. Thread-safe.</summary>
internal sealed class QueueSignals(TimeProvider time)
{
    /// <summary>An upload may be due, or there is room for another one.</summary>
    public Signal Work { get; } = new(time);

    /// <summary>An upload may have to be canceled or suspended.</summary>
    public Signal Wanted { get; } = new(time);

    public void Hinted(string payload)
    {
        Signal hinted = payload == Hints.Wanted ? Wanted : Work;
        hinted.Set();

        // What is not running yet is canceled by whoever claims it.
        if (hinted == Wanted)
        {
            Work.Set();
        }
    }
}
