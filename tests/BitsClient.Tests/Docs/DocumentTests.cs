using System.Reflection;
using System.Text.RegularExpressions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Docs;

/// <summary>The samples in the documents run, their links lead to files, and the tests they name exist.</summary>
public sealed partial class DocumentTests
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(5);

    [Test]
    public void Every_code_sample_is_one_that_the_tests_run()
    {
        string[] samples = [.. Documents.Samples.Select(sample => sample.Code)];
        Assert.That(Documents.Fences, Is.Not.Empty);
        Assert.That(Documents.Fences.Where(fence => !samples.Contains(fence.Code)), Is.Empty);
    }

    [Test]
    public void Every_sample_that_the_tests_run_is_shown()
    {
        string[] fences = [.. Documents.Fences.Select(fence => fence.Code)];
        Assert.That(Documents.Samples.Where(sample => !fences.Contains(sample.Code)), Is.Empty);
    }

    [Test]
    public void Every_relative_link_leads_to_a_file()
    {
        IEnumerable<string> broken =
            from path in Documents.All
            from Match link in Link().Matches(File.ReadAllText(path))
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal)
                && !Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target.Split('#')[0]))
            select $"{path}: {target}";
        Assert.That(broken, Is.Empty);
    }

    /// <summary>Tests are named as `Class.Method`; a class has a file of its name (MA0048), in one of the test projects.</summary>
    [Test]
    public void Every_test_named_by_a_document_exists()
    {
        ILookup<string, string> sources = Directory.GetFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);
        IEnumerable<Match> mentions = Documents.All.SelectMany(path => TestName().Matches(File.ReadAllText(path)));
        string[] named = [.. mentions.Select(mention => mention.Groups["name"].Value)];
        Assert.That(named, Is.Not.Empty);
        Assert.That(named.Where(name => !Exists(name)), Is.Empty);

        bool Exists(string name) =>
            name.Split('.') is [var type, var method]
            && sources[type].Any(
                source => Regex.IsMatch(source, $@"^    public (async Task|Task|void) {method}\(", RegexOptions.Multiline, MatchTimeout));
    }

    [Test]
    public void Every_message_that_the_troubleshooting_page_quotes_is_one_of_the_library()
    {
        IEnumerable<string> files = Directory.GetFiles(Repository.PathOf("src", "BitsClient"), "*.cs", SearchOption.AllDirectories);
        string source = Joint().Replace(string.Concat(files.Select(File.ReadAllText)), "");
        string[] quotes =
        [
            .. from line in File.ReadLines(Repository.PathOf("docs", "troubleshooting.md"))
            where line.StartsWith("| ", StringComparison.Ordinal)
            from Match quote in Quote().Matches(line.Split('|')[1])
            select quote.Groups["text"].Value,
        ];
        Assert.That(quotes, Has.Length.GreaterThan(8));
        Assert.That(quotes.Where(quote => !source.Contains(quote, StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase(typeof(BitsUploadOptions))]
    [TestCase(typeof(BitsRetryOptions))]
    [TestCase(typeof(BitsRequestContext))]
    [TestCase(typeof(BitsUploadProgress))]
    [TestCase(typeof(BitsUploadResult))]
    [TestCase(typeof(BitsUploadReply))]
    [TestCase(typeof(BitsUploadException))]
    [TestCase(typeof(BitsServerException))]
    [TestCase(typeof(BitsProtocolException))]
    [TestCase(typeof(BitsUploadCanceledException))]
    [TestCase(typeof(BitsUploadLockedException))]
    public void Every_member_that_a_user_sets_or_reads_is_listed_in_the_options_page(Type type)
    {
        string text = File.ReadAllText(Repository.PathOf("docs", "options.md"));
        PropertyInfo[] properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
        string[] members = [.. properties.Select(property => property.Name)];
        Assert.That(members, Is.Not.Empty);
        Assert.That(members.Where(name => !Regex.IsMatch(text, $@"\b{name}\b", RegexOptions.None, MatchTimeout)), Is.Empty);
    }

    // A text that continues on the next line.
    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"", RegexOptions.None, 5000)]
    private static partial Regex Joint();

    [GeneratedRegex("\"(?<text>[^\"]+)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Quote();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Link();

    [GeneratedRegex("`(?<name>[A-Za-z]+Tests\\.[A-Za-z0-9_.]+)`", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex TestName();
}
