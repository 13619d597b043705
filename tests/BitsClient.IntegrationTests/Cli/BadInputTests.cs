#if NET10_0_OR_GREATER
namespace BitsClient.IntegrationTests.Cli;

internal sealed class BadInputTests : ToolTest
{
    [TestCase]
    [TestCase("bogus")]
    [TestCase("upload")]
    [TestCase("upload", "FILE")]
    [TestCase("upload", "FILE", "URL", "more")]
    [TestCase("upload", "FILE", "URL", "--bogus")]
    [TestCase("upload", "FILE", "in/a.bin")]
    [TestCase("upload", "FILE", "/in/a.bin")]
    [TestCase("upload", "FILE", "ftp://host/a.bin")]
    [TestCase("upload", "FILE", "http://127.0.0.1:9/folder/")]
    [TestCase("upload", "FILE", "LONGURL")]
    [TestCase("upload", "FILE", "URL", "--fragment-size")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "0")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "-1")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "many")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "K")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "4096M")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "2147483648")]
    [TestCase("upload", "FILE", "URL", "--fragment-size", "1K", "--fragment-size", "2K")]
    [TestCase("upload", "FILE", "URL", "--header", "sesame")]
    [TestCase("upload", "FILE", "URL", "--header", ": sesame")]
    [TestCase("upload", "FILE", "URL", "--header", "X-One: 1\r\nX-Two: sesame")]
    [TestCase("upload", "FILE", "URL", "--header", "Allow: sesame")]
    [TestCase("upload", "FILE", "URL", "--user", "me")]
    [TestCase("upload", "FILE", "URL", "--state", "")]
    [TestCase("list")]
    [TestCase("resume", "3f2a")]
    [TestCase("resume", "--state", "uploads")]
    [TestCase("cancel", "3f2a")]
    [TestCase("cancel", "--state", "uploads")]
    [TestCase("cancel", "3f2a", "--all", "--state", "uploads")]
    [TestCase("cancel", "3f2a", "--older-than", "7d", "--state", "uploads")]
    [TestCase("cancel", "--all", "--older-than", "7", "--state", "uploads")]
    [TestCase("cancel", "--all", "--older-than", "d", "--state", "uploads")]
    [TestCase("cancel", "--all", "--older-than", "", "--state", "uploads")]
    [TestCase("cancel", "--all", "--older-than", "-7d", "--state", "uploads")]
    [TestCase("cancel", "--all", "--older-than", "7w", "--state", "uploads")]
    [TestCase("ping")]
    [TestCase("ping", "a.bin")]
    [TestCase("serve")]
    [TestCase("serve", ".", "--port", "65536")]
    [TestCase("serve", ".", "--port", "x")]
    [TestCase("serve", ".", "--dialect", "x")]
    public async Task Wrong_usage_is_one_line_and_exit_code_2(params string[] arguments)
    {
        string file = File("a.bin", 10);
        string longUrl = Url(new string('a', 2200));

        ToolRun run = await RunAsync([.. arguments.Select(argument => argument switch
        {
            "FILE" => file,
            "URL" => Url("a.bin"),
            "LONGURL" => longUrl,
            _ => argument,
        })]);

        AssertRefused(run, exitCode: 2);
        Assert.That(run.Error, Does.Not.Contain("sesame"));
    }

    [TestCase("BITS-Session-Id")]
    [TestCase("bits-packet-type")]
    [TestCase("Content-Length")]
    [TestCase("Content-Name")]
    [TestCase("X-HTTP-Method-Override")]
    [TestCase("Host")]
    [TestCase("Transfer-Encoding")]
    [TestCase("Connection")]
    [TestCase("Range")]
    public async Task A_header_of_the_protocol_is_refused_by_its_name(string name)
    {
        ToolRun run = await RunAsync("upload", File("a.bin", 10), Url("a.bin"), "--header", $"{name}: sesame");

        AssertRefused(run, exitCode: 2);
        Assert.That(run.Error, Does.Contain(name).And.Not.Contain("sesame"));
    }

    [Test]
    public async Task A_missing_file_is_one_line_and_exit_code_1()
    {
        ToolRun run = await RunAsync("upload", PathOf("none.bin"), Url("a.bin"));

        AssertRefused(run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(PathOf("none.bin")));
    }

    [Test]
    public async Task A_folder_is_one_line_and_exit_code_1()
    {
        string folder = Directory.CreateDirectory(PathOf("folder")).FullName;

        ToolRun run = await RunAsync("upload", folder, Url("a.bin"));

        AssertRefused(run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(folder).And.Contain("folder"));
    }

    [Test]
    public async Task An_empty_file_is_one_line_and_exit_code_1()
    {
        string file = File("empty.bin", 0);

        ToolRun run = await RunAsync("upload", file, Url("a.bin"));

        AssertRefused(run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(file).And.Contain("empty").And.Not.Contain("Parameter"));
    }

    [Test]
    public async Task Serving_a_missing_folder_is_one_line_and_exit_code_1()
    {
        ToolRun run = await RunAsync("serve", PathOf("none"));

        AssertRefused(run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(PathOf("none")));
        Assert.That(Directory.Exists(PathOf("none")), Is.False);
    }

    private void AssertRefused(ToolRun run, int exitCode)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.StartWith("bitsclient: "));
        Assert.That(Server.Dialogue, Is.Empty);
    }
}
#endif
