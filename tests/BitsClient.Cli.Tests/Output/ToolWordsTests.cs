using System.Text.RegularExpressions;
using BitsClient.Cli.Output;
using BitsClient.Tests.Support;

namespace BitsClient.Cli.Tests.Output;

/// <summary>No message of the library tells the tool's user to set an option of the API.</summary>
public sealed partial class ToolWordsTests
{
    // The tool does not use these, so that no message about them reaches its user.
    private static readonly string[] UnusedOptions = ["PrepareRequest", "ConfigurePipeline", "HostIdPolicy", "CheckpointStore"];

    [Test]
    public void Every_option_that_a_message_names_has_words_of_the_tool()
    {
        string[] names = [.. LibrarySources()
            .SelectMany(text => OptionName().Matches(text).Select(match => match.Groups["name"].Value))
            .Distinct().Except(UnusedOptions)];

        Assert.That(names, Does.Contain("TrustedOrigins").And.Contain("MinFragmentSize"));
        string[] phrases = [.. Phrases().Matches(Source("src", "BitsClient.Cli", "Output", "ToolWords.cs")).Select(match => match.Value)];
        Assert.That(names.Where(name => !phrases.Any(phrase => phrase.Contains(name, StringComparison.Ordinal))), Is.Empty);
    }

    [TestCase("if you trust it, add it to TrustedOrigins.", "if you trust it, use --trust-host.")]
    [TestCase("the reply has 9 bytes or more; MaxReplySize allows 8.", "the reply has 9 bytes or more; the tool accepts 8.")]
    [TestCase("Another session now. Load its checkpoint again.", "Another session now. Run the command again.")]
    [TestCase("It failed.", "It failed.")]
    public void A_phrase_is_replaced(string library, string tool) => Assert.That(ToolWords.Of(library), Is.EqualTo(tool));

    private static IEnumerable<string> LibrarySources() =>
        Directory.EnumerateFiles(Repository.PathOf("src", "BitsClient"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetFileName(path).EndsWith("Options.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText);

    private static string Source(params string[] path) => File.ReadAllText(Repository.PathOf(path));

    [GeneratedRegex(@"nameof\((BitsUploadOptions|BitsRetryOptions)\.(?<name>\w+)\)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex OptionName();

    [GeneratedRegex(@"\(\s*""[^""]+"",", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Phrases();
}
