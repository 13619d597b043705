namespace BitsClient.IntegrationTests.Cli;

/// <summary>What a run of the tool left behind.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The arguments of the command that a line tells, between quotation marks.</summary>
    public static string[] CommandIn(string line, string name)
    {
        int start = line.IndexOf($"'bitsclient {name} ", StringComparison.Ordinal);
        Assert.That(start, Is.Not.Negative, line);
        return line[(start + "'bitsclient ".Length)..].Split('\'')[0].Split(' ');
    }
}
