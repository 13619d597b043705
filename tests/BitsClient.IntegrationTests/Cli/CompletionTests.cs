#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

/// <summary>Shell completion with a real shell.</summary>
[Platform(Include = "Linux", Reason = "Other systems may have no bash, or an old one.")]
internal sealed class CompletionTests(ToolBuild build) : ToolTest(build)
{
    private readonly ToolBuild _build = build;

    [TestCase("--state", "upload", "--sta")]
    [TestCase("mcbup win32", "serve", ".", "--dialect", "")]
    [TestCase("", "upload", "")]
    public async Task Bash_completes_the_last_word(string completions, params string[] words)
    {
        string tool = string.Join(' ', ToolCommand.Of(_build).Select(word => $"'{word}'"));
        string line = string.Join(' ', words.Select(word => $"'{word}'"));
        string script = $$"""
            bitsclient() { {{tool}} "$@"; }
            source <(bitsclient completion bash)
            COMP_WORDS=(bitsclient {{line}})
            COMP_CWORD={{words.Length}}
            _bitsclient
            echo "${COMPREPLY[*]}"
            """;

        using ToolProcess bash = ToolProcess.StartProgram(["bash", "--norc", "-c", script]);
        ToolRun run = await bash.EndAsync();

        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Is.EqualTo(completions + "\n"));
    }
}
#endif
