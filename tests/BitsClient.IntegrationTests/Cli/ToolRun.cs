namespace BitsClient.IntegrationTests.Cli;

/// <summary>The exit code and output of the tool.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public string[] OutputLines => Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Returns the arguments of the quoted command that a line contains.</summary>
    public static string[] CommandIn(string line, string name)
    {
        int start = line.IndexOf($"'bitsclient {name} ", StringComparison.Ordinal);
        Assert.That(start, Is.Not.Negative, line);
        return line[(start + "'bitsclient ".Length)..].Split('\'')[0].Split(' ');
    }
}
