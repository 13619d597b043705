namespace BitsClient.Cli.Help;

/// <summary>What the help says beyond the descriptions of commands and options: groups of options, examples and exit codes.</summary>
internal static class HelpTexts
{
    private const string Other = "Options";

    private static readonly (string Title, string[] Options)[] OptionGroups =
    [
        (
            "Transfer options",
            ["--fragment-size", "--max-rate", "--parallel", "--retries", "--timeout", "--resend", "--override-verb", "--sha256"]),
        (
            "Connection options",
            ["--header", "--user", "--trust-host", "--cacert", "--cert", "--key", "--insecure", "--proxy", "--proxy-user"]),
        ("Output options", ["--json", "--quiet", "--verbose", "--trace", "--help", "--version"]),
    ];

    private static readonly Dictionary<string, string[]> ExamplesOfCommand = new()
    {
        ["bitsclient"] =
        [
            "bitsclient demo",
            "bitsclient upload report.zip http://server/uploads/report.zip",
            "bitsclient upload report.zip http://server/uploads/report.zip --state uploads",
            "bitsclient list --state uploads",
            "bitsclient resume 3f2a --state uploads",
        ],
        ["bitsclient upload"] =
        [
            "bitsclient upload report.zip http://server/uploads/report.zip",
            "bitsclient upload report.zip https://server/uploads/report.zip --user me --state uploads",
            "bitsclient upload *.log http://server/uploads/ --max-rate 500K --json --quiet",
            "bitsclient upload photos http://server/uploads/ --recurse --parallel 8",
            "find . -name '*.csv' | bitsclient upload --files-from - http://server/uploads/",
            "bitsclient upload report.zip https://server/report.zip --cacert ca.pem --cert me.pem --key me.key",
        ],
        ["bitsclient resume"] = ["bitsclient resume 3f2a --state uploads", "bitsclient resume --all --state uploads --user me"],
        ["bitsclient cancel"] =
        [
            "bitsclient cancel 3f2a --state uploads",
            "bitsclient cancel --all --older-than 7d --state uploads",
            "bitsclient cancel 3f2a --forget --state uploads",
        ],
        ["bitsclient list"] = ["bitsclient list --state uploads", "bitsclient list --state uploads --json"],
        ["bitsclient queue"] =
        [
            "bitsclient queue add report.zip http://server/uploads/report.zip --db uploads.db",
            "bitsclient queue run --db uploads.db",
            "bitsclient queue list --db uploads.db",
        ],
        ["bitsclient queue add"] =
        [
            "bitsclient queue add report.zip http://server/uploads/report.zip --db uploads.db",
            "bitsclient queue add *.log http://server/uploads/ --priority low --not-before 2026-12-31T22:00",
            "bitsclient queue add photos http://server/uploads/ --recurse --name photos",
        ],
        ["bitsclient queue list"] =
        [
            "bitsclient queue list --db uploads.db",
            "bitsclient queue list --status error --json",
        ],
        ["bitsclient queue watch"] = ["bitsclient queue watch 3f2a --db uploads.db"],
        ["bitsclient queue suspend"] = ["bitsclient queue suspend 3f2a --db uploads.db"],
        ["bitsclient queue resume"] = ["bitsclient queue resume 3f2a --db uploads.db"],
        ["bitsclient queue cancel"] = ["bitsclient queue cancel 3f2a --db uploads.db"],
        ["bitsclient queue forget"] =
        [
            "bitsclient queue forget 3f2a --db uploads.db",
            "bitsclient queue forget --all --older-than 7d --db uploads.db",
        ],
        ["bitsclient queue run"] =
        [
            "bitsclient queue run --db uploads.db",
            "bitsclient queue run --db \"Host=db;Database=uploads;Username=uploader\" --user me --parallel 8",
        ],
        ["bitsclient ping"] =
        [
            "bitsclient ping http://server/uploads/report.zip",
            "bitsclient ping https://server/uploads/report.zip --proxy http://proxy:8080 --trace",
        ],
        ["bitsclient serve"] = ["bitsclient serve received --port 8080", "bitsclient serve received --reply answer.xml"],
        ["bitsclient demo"] = ["bitsclient demo"],
        ["bitsclient completion"] = ["source <(bitsclient completion bash)", "bitsclient completion pwsh >> $PROFILE"],
        ["bitsclient man"] = ["bitsclient man > bitsclient.1", "bitsclient man | man -l -"],
    };

    /// <summary>The groups of options in the order of the help.</summary>
    public static IReadOnlyList<string> Groups { get; } = [Other, .. OptionGroups.Select(group => group.Title)];

    /// <summary>The exit codes of all commands.</summary>
    public static IReadOnlyList<HelpEntry> ExitCodes { get; } =
    [
        new("0", "Success; also if 'serve' was stopped"),
        new("1", "Failure"),
        new("2", "Wrong usage"),
        new("129", "Stopped by SIGHUP (terminal closed)"),
        new("130", "Stopped by Ctrl-C"),
        new("143", "Stopped by SIGTERM"),
    ];

    public static string GroupOf(string option) =>
        Array.Find(OptionGroups, group => group.Options.Contains(option, StringComparer.Ordinal)).Title ?? Other;

    /// <summary>The examples of a command, or of the tool, as the user types it.</summary>
    public static IReadOnlyList<string> ExamplesOf(string command) => ExamplesOfCommand.GetValueOrDefault(command, []);
}
