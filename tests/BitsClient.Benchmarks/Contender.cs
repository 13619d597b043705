namespace BitsClient.Benchmarks;

/// <summary>A way to upload a file.</summary>
/// <param name="Name">Its name in the tables and on the command line.</param>
/// <param name="PrepareAsync">Does what is not measured, and returns the upload that is.</param>
internal sealed record Contender(string Name, Func<Trial, Task<Func<Task>>> PrepareAsync)
{
    public static Contender Of(string name, Func<Trial, Task> upload) =>
        new(name, trial => Task.FromResult<Func<Task>>(() => upload(trial)));
}
