namespace BitsClient.Benchmarks;

/// <summary>
/// Runs contenders in turn, one round after the other. Each round begins with another one, so that a machine that gets slower or faster
/// meanwhile favors none. Times are compared within a round only.
/// </summary>
internal sealed class Rounds
{
    private const int CompiledBytes = 1024 * 1024;
    private const int CompiledUploads = 50;

    private readonly Dictionary<Contender, List<Sample>> _samples;

    private Rounds(IEnumerable<Contender> contenders) =>
        _samples = contenders.ToDictionary(contender => contender, _ => new List<Sample>());

    public IEnumerable<Contender> Contenders => _samples.Keys;

    /// <summary>Runs each contender some times with a small file, so that its code is compiled before it is measured.</summary>
    public static async Task CompileAsync(IReadOnlyList<Contender> contenders, SinkProcess sink)
    {
        using TestFile file = new(CompiledBytes);
        using Trial trial = new(sink.Http, sink.Raw, file.Path);
        foreach (Contender contender in contenders)
        {
            for (int i = 0; i < CompiledUploads; i++)
            {
                await (await contender.PrepareAsync(trial))();
            }
        }
    }

    /// <summary>Runs the contenders.</summary>
    /// <param name="contenders">The contenders, in the order of the first round.</param>
    /// <param name="count">The number of rounds.</param>
    /// <param name="trial">What they are given.</param>
    /// <param name="repeat">Turns an upload into what is measured, such as many of them. Default: the upload.</param>
    public static async Task<Rounds> RunAsync(
        IReadOnlyList<Contender> contenders, int count, Trial trial, Func<Func<Task>, Task>? repeat = null)
    {
        Rounds rounds = new(contenders);
        for (int round = 0; round < count; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
            {
                Contender contender = contenders[(round + i) % contenders.Count];
                await trial.WarmUpAsync();
                Func<Task> upload = await contender.PrepareAsync(trial);
                Sample sample = await Sample.MeasureAsync(() => repeat is null ? upload() : repeat(upload));
                rounds._samples[contender].Add(sample);
                await Console.Error.WriteLineAsync(
                    FormattableString.Invariant($"round {round + 1}: {contender.Name}, {sample.Time.TotalSeconds:0.000} s"));
            }
        }

        return rounds;
    }

    /// <summary>Measures this many uploads, one after the other.</summary>
    public static Func<Func<Task>, Task> InTurn(int uploads) => async upload =>
    {
        for (int i = 0; i < uploads; i++)
        {
            await upload();
        }
    };

    /// <summary>How many times as fast a contender was as another one, in each round.</summary>
    public Spread Ratios(Contender contender, Contender reference) =>
        new(_samples[reference].Zip(_samples[contender], (theirs, its) => theirs.Time / its.Time));

    public Spread Of(Contender contender, Func<Sample, double> value) => new(_samples[contender].Select(value));
}
