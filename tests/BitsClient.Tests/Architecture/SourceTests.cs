using BitsClient.Tests.Support;

namespace BitsClient.Tests.Architecture;

/// <summary>
/// The measures of the sources that the build does not check (.editorconfig and src/CodeMetricsConfig.txt have the others).
/// </summary>
public sealed class SourceTests
{
    private const int MaxColumns = 140;
    private const int MaxLines = 300;

    [Test]
    public void No_line_is_longer_than_140_columns()
    {
        IEnumerable<string> longer =
            from path in Sources("src", "tests")
            from line in File.ReadLines(path).Select((text, index) => (Text: text, Number: index + 1))
            where line.Text.Length > MaxColumns
            select $"{Path.GetRelativePath(Repository.Root, path)}:{line.Number}";
        Assert.That(longer, Is.Empty);
    }

    [Test]
    public void No_file_of_the_packages_has_more_than_300_lines()
    {
        IEnumerable<string> longer = Sources("src").Where(path => File.ReadLines(path).Count() > MaxLines);
        Assert.That(longer, Is.Empty);
    }

    private static string[] Sources(params string[] folders)
    {
        char separator = Path.DirectorySeparatorChar;
        string[] generated = [$"{separator}obj{separator}", $"{separator}bin{separator}"];
        string[] files =
        [
            .. folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
                .Where(path => !generated.Any(part => path.Contains(part, StringComparison.Ordinal))),
        ];
        Assert.That(files, Has.Length.GreaterThan(50), "the sources were not found");
        return files;
    }
}
