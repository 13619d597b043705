using System.Text.RegularExpressions;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Docs;

/// <summary>The documents of the checkout and the code they show.</summary>
internal static partial class Documents
{
    public static IEnumerable<string> All =>
    [
        Repository.PathOf("README.md"), .. Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetDirectories(Repository.PathOf("src")).Select(package => Path.Combine(package, "README.md")),
    ];

    /// <summary>Each code fence tagged csharp, with its document.</summary>
    public static IEnumerable<(string Document, string Code)> Fences =>
        from path in All
        from Match fence in Fence().Matches(File.ReadAllText(path))
        select (Path.GetRelativePath(Repository.Root, path), fence.Groups["code"].Value.TrimEnd());

    /// <summary>Each sample that the tests run: the text between two markers, without its indentation.</summary>
    public static IEnumerable<(string Name, string Code)> Samples =>
        from path in Directory.GetFiles(Repository.PathOf("tests", "BitsClient.Tests", "DocsExamples"), "*.cs")
            .Append(Repository.PathOf("tests", "BitsClient.ContractTests", "DocumentExamples.cs"))
            .Append(Repository.PathOf("tests", "BitsClient.FrameworkTests", "Program.cs"))
        from Match sample in Sample().Matches(File.ReadAllText(path))
        select (sample.Groups["name"].Value, Dedent(sample.Groups["code"].Value, sample.Groups["indent"].Value));

    private static string Dedent(string code, string indent)
    {
        IEnumerable<string> lines = code.Split('\n')
            .Select(line => line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line);

        return string.Join('\n', lines).TrimEnd();
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Fence();

    [GeneratedRegex(
        @"^(?<indent> *)// <(?<name>[a-z-]+)>\n(?<code>.*?)^ *// </\k<name>>$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        5000)]
    private static partial Regex Sample();
}
