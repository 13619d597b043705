using BitsClient.Cli.Commands;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>Which files an upload command uploads, and their URLs.</summary>
public sealed class UploadPlanTests
{
    private static readonly Uri Folder = new("http://server/in/?sig=1");

    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("bitsclient-plan-");

    [TearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [Test]
    public void A_file_is_uploaded_to_the_url_itself()
    {
        Uri url = new("http://server/in/other.bin");

        Assert.That(UploadPlan.Of(["a.bin"], url, recurse: false), Is.EqualTo(new[] { new PlannedFile("a.bin", url) }));
    }

    [TestCase("a.bin", "http://server/in/a.bin?sig=1")]
    [TestCase("some/where/ä b#1?.bin", "http://server/in/%C3%A4%20b%231%3F.bin?sig=1")]
    public void Its_name_is_added_to_the_url_of_a_folder(string name, string url)
    {
        string path = Make(name);

        Assert.That(UploadPlan.Of([path], Folder, recurse: false), Is.EqualTo(new[] { new PlannedFile(path, new Uri(url)) }));
    }

    [Test]
    public void A_host_alone_is_a_folder() => Assert.That(
        UploadPlan.Of(["a.bin"], new Uri("http://server"), recurse: false).Single().Url, Is.EqualTo(new Uri("http://server/a.bin")));

    [Test]
    public void Several_files_are_planned_in_their_order()
    {
        string[] paths = [Make("b.bin"), Make("a.bin"), PathOf("missing.bin")];

        Assert.That(UploadPlan.Of(paths, Folder, recurse: false).Select(file => file.Path), Is.EqualTo(paths));
    }

    [Test]
    public void The_files_of_a_folder_have_their_path_in_it()
    {
        Make("x/b/2.bin");
        Make("x/1.bin");
        Make("x/b/c/.hidden");

        IReadOnlyList<PlannedFile> files = UploadPlan.Of([PathOf("x")], Folder, recurse: true);

        Assert.That(
            files.Select(file => file.Url.AbsolutePath), Is.EquivalentTo((string[])["/in/1.bin", "/in/b/2.bin", "/in/b/c/.hidden"]));
        Assert.That(files.Select(file => file.Path), Has.All.Exist);
    }

    [Test]
    public void A_link_to_a_folder_is_not_followed()
    {
        Make("x/1.bin");
        Directory.CreateSymbolicLink(PathOf("x/back"), PathOf("x"));

        Assert.That(UploadPlan.Of([PathOf("x")], Folder, recurse: true).Single().Url.AbsolutePath, Is.EqualTo("/in/1.bin"));
    }

    [Test]
    public void Without_recursion_a_folder_is_planned_as_it_is_and_fails_alone()
    {
        Make("x/1.bin");

        Assert.That(UploadPlan.Of([PathOf("x")], Folder, recurse: false).Single().Path, Is.EqualTo(PathOf("x")));
    }

    [Test]
    public void A_pattern_is_expanded_in_order_and_without_folders()
    {
        string[] expected = [Make("1.log"), Make("2.log")];
        Make("3.txt");
        Make("4.log/5.log");

        Assert.That(UploadPlan.Of([PathOf("?.l*")], Folder, recurse: false).Select(file => file.Path), Is.EqualTo(expected));
    }

    [Test]
    public void With_recursion_a_pattern_also_matches_folders()
    {
        Make("1.log");
        Make("4.log/5.log");

        IReadOnlyList<PlannedFile> files = UploadPlan.Of([PathOf("*.log")], Folder, recurse: true);

        Assert.That(files.Select(file => file.Url.AbsolutePath), Is.EqualTo((string[])["/in/1.log", "/in/5.log"]));
    }

    [Test]
    public void A_file_whose_name_looks_like_a_pattern_is_a_file()
    {
        Make("ab");
        string path = Make("a*");

        Assert.That(UploadPlan.Of([path], Folder, recurse: false).Select(file => file.Path), Is.EqualTo((string[])[path]));
    }

    [TestCase("*.none")]
    [TestCase("none/*.log")]
    public void A_pattern_that_matches_nothing_is_planned_as_it_is_and_fails_alone(string pattern) =>
        Assert.That(UploadPlan.Of([PathOf(pattern)], Folder, recurse: false).Single().Path, Is.EqualTo(PathOf(pattern)));

    [Test, Platform(Exclude = "Win", Reason = "A folder has no such mode there.")]
    public void A_folder_that_cannot_be_read_is_reported_before_anything_is_sent()
    {
        Make("x/locked/1.bin");
#pragma warning disable CA1416 // Not on Windows.
        File.SetUnixFileMode(PathOf("x/locked"), UnixFileMode.None);
        try
        {
            Assume.That(Environment.IsPrivilegedProcess, Is.False, "root may read everything");
            Assert.That(() => UploadPlan.Of([PathOf("x")], Folder, recurse: true), Throws.TypeOf<UnauthorizedAccessException>());
        }
        finally
        {
            File.SetUnixFileMode(PathOf("x/locked"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
#pragma warning restore CA1416
    }

    [Test]
    public void Several_files_to_the_url_of_one_are_refused() => Assert.That(
        () => UploadPlan.Of(["a.bin", "b.bin"], new Uri("http://server/a.bin"), recurse: false),
        Throws.TypeOf<ToolException>()
            .With.Message.EqualTo("2 files cannot have the same URL. End it with '/', for example http://server/uploads/."));

    [Test]
    public void Two_files_with_the_same_url_are_refused() => Assert.That(
        () => UploadPlan.Of(["x/a.bin", "b.bin", "y/a.bin"], Folder, recurse: false),
        Throws.TypeOf<ToolException>()
            .With.Message.EqualTo("'x/a.bin' and 'y/a.bin' would both be uploaded to http://server/in/a.bin."));

    [Test]
    public void So_are_two_whose_urls_differ_only_in_case_because_Windows_ignores_it() => Assert.That(
        () => UploadPlan.Of(["x/README", "x/Readme"], Folder, recurse: false), Throws.TypeOf<ToolException>());

    [Test]
    public void Stdin_needs_the_url_of_a_file()
    {
        Assert.That(UploadPlan.Of(["-"], new Uri("http://server/a.bin"), recurse: false).Single().Path, Is.EqualTo("-"));
        Assert.That(
            () => UploadPlan.Of(["-"], Folder, recurse: false),
            Throws.TypeOf<ToolException>().With.Message.EqualTo("What is read from stdin has no name. End the URL with a file name."));
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Make(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), [1]);
        return PathOf(name);
    }
}
