using System.Collections.Concurrent;

namespace BitsClient.Queue.Worker;

/// <summary>The runs of this process, for the worker and for those who watch. Thread-safe.</summary>
internal sealed class RunningUploads
{
    private readonly ConcurrentDictionary<Guid, (UploadRun Run, Task Ended)> _runs = new();

    public int Count => _runs.Count;

    public IReadOnlyCollection<Guid> Ids => [.. _runs.Keys];

    public IReadOnlyList<UploadRun> Runs => [.. _runs.Values.Select(running => running.Run)];

    /// <summary>Completes when the runs of this moment have ended.</summary>
    public Task Ended => Task.WhenAll(_runs.Values.Select(running => running.Ended));

    public UploadRun? Find(Guid id) => _runs.TryGetValue(id, out (UploadRun Run, Task Ended) running) ? running.Run : null;

    /// <summary>The origins with so many runs or more.</summary>
    public IReadOnlyCollection<string> OriginsWith(int count) =>
        [.. _runs.Values.GroupBy(running => running.Run.Origin).Where(group => group.Count() >= count).Select(group => group.Key)];

    public void Add(UploadRun run, Task ended) => _runs[run.Id] = (run, ended);

    /// <summary>Removes a run, and no later one of the same upload.</summary>
    public void Remove(UploadRun run, Task ended) => _runs.TryRemove(KeyValuePair.Create(run.Id, (run, ended)));
}
