using System.CommandLine;

namespace BitsClient.Benchmarks;

/// <summary>The commands of the program.</summary>
internal static class Commands
{
    public const string SinkName = "sink";

    private static Option<int> Rounds => new("--rounds") { Description = "How often each contender runs.", DefaultValueFactory = _ => 5 };

    private static Option<string?> Only => new("--only") { Description = "Run this contender alone, once, and print its peak memory." };

    private static Option<long?> Limit => new("--limit") { Description = "The maximum size of a BITS packet that the server accepts." };

    public static RootCommand Root() =>
        new("Measures the library.")
        {
            Store(),
            new Command("compare", "Compares the library with other ways to upload a file.")
            {
                Loopback(), Links(), Small(), Alloc(), Cancel(), Queue(),
            },
            MicroCommand(),
            SinkCommand(),
        };

    private static Command Store()
    {
        Argument<int> pairs = new("pairs") { Description = "The number of pairs of uploads.", DefaultValueFactory = _ => 11 };
        Argument<int> bytes = new("bytes") { Description = "The length of the file.", DefaultValueFactory = _ => 1_000_000_000 };
        Command command = new("store", "Uploads with a checkpoint store and without one.") { pairs, bytes };
        command.SetAction(async parsed =>
        {
            await using StoreOverhead overhead = await StoreOverhead.StartAsync(parsed.GetValue(bytes));
            await overhead.MeasureAsync(parsed.GetValue(pairs));
        });
        return command;
    }

    private static Command Loopback()
    {
        Option<long> bytes = new("--bytes") { Description = "The length of the file.", DefaultValueFactory = _ => 1024 * 1024 * 1024 };
        (Option<int> rounds, Option<string?> only, Option<long?> limit) = (Rounds, Only, Limit);
        Command command = new("loopback", "A large file over the loopback.") { bytes, rounds, only, limit };
        command.SetAction(parsed => new LoopbackComparison(
            parsed.GetValue(bytes), parsed.GetValue(rounds), parsed.GetValue(only), parsed.GetValue(limit)).RunAsync());
        return command;
    }

    private static Command Links()
    {
        Argument<Link[]> links = new("links")
        {
            Description =
                "Milliseconds of a round trip, x, Mbit/s, such as 80x10. Default: 20, 80 and 200 ms with 10, 100 and 1000 Mbit/s.",
            Arity = ArgumentArity.ZeroOrMore,
            CustomParser = Link.Parse,
        };
        Option<int?> seconds = new("--seconds")
        {
            Description = "How long the line takes for the bytes of the file. Default: about 10, as a power of two in MiB.",
        };
        (Option<int> rounds, Option<long?> limit) = (Rounds, Limit);
        Command command = new("links", "Files over lines with a delay and a rate.") { links, rounds, seconds, limit };
        command.SetAction(parsed => new LinksComparison(
            parsed.GetValue(links) is { Length: > 0 } given ? given : Link.Defaults,
            parsed.GetValue(rounds), parsed.GetValue(seconds), parsed.GetValue(limit)).RunAsync());
        return command;
    }

    private static Command Small()
    {
        Option<bool> parallel = new("--parallel") { Description = "Uploads of 1 MiB at once, instead of 10 KB one after the other." };
        Option<int> uploads = new("--uploads") { Description = "The number of uploads in a run.", DefaultValueFactory = _ => 1000 };
        (Option<int> rounds, Option<string?> only) = (Rounds, Only);
        Command command = new("small", "Many small files.") { parallel, uploads, rounds, only };
        command.SetAction(parsed => parsed.GetValue(parallel)
            ? new ParallelComparison(parsed.GetValue(uploads), parsed.GetValue(rounds), parsed.GetValue(only)).RunAsync()
            : new SmallComparison(parsed.GetValue(uploads), parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Alloc()
    {
        Option<int> rounds = Rounds;
        Command command = new("alloc", "The bytes that the library allocates.") { rounds };
        command.SetAction(parsed => new AllocationComparison(parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command Queue()
    {
        Option<int> uploads = new("--uploads") { Description = "The number of uploads.", DefaultValueFactory = _ => 10_000 };
        Option<int> parallel = new("--parallel") { Description = "How many run at a time.", DefaultValueFactory = _ => 8 };
        Command command = new("queue", "Small files with the queue and without it.") { uploads, parallel };
        command.SetAction(parsed => new QueueComparison(parsed.GetValue(uploads), parsed.GetValue(parallel)).RunAsync());
        return command;
    }

    private static Command Cancel()
    {
        Argument<Link[]> links = new("links")
        {
            Description = "As for the command links. Default: 20, 80 and 200 ms with 10 Mbit/s.",
            Arity = ArgumentArity.ZeroOrMore,
            CustomParser = Link.Parse,
        };
        Option<int> rounds = Rounds;
        Command command = new("cancel", "How soon a cancel reaches the server.") { links, rounds };
        command.SetAction(parsed => new CancelComparison(
            parsed.GetValue(links) is { Length: > 0 } given ? given : [.. Link.Defaults.Where(link => link.Megabits == 10)],
            parsed.GetValue(rounds)).RunAsync());
        return command;
    }

    private static Command MicroCommand()
    {
        Command command = new("micro", "What the library does for each fragment, besides sending it.");
        command.SetAction(_ => Micro.Run());
        return command;
    }

    private static Command SinkCommand()
    {
        Option<long?> limit = Limit;
        Command command = new(SinkName, "The server, in a process of its own.") { limit };
        command.Hidden = true;
        command.SetAction(parsed => Sink.RunAsync(parsed.GetValue(limit)));
        return command;
    }
}
