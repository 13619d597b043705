using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;

namespace BitsClient.Cli.Tests;

/// <summary>Invalid arguments and files are reported with one line on stderr and an exit code, before anything is sent.</summary>
[SetUICulture("en-US")]
public sealed class CommandLineTests
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
    [TestCase("upload", "FILE", "URL", "--state", "")]
    [TestCase("upload", "FILE", "http://me:sesame@127.0.0.1:9/a.bin", "more")]
    [TestCase("ping", "http://me:sesame@127.0.0.1:9/a.bin", "FILE")]
    [TestCase("upload", "FILE", "URL", "--quiet", "--trace")]
    [TestCase("upload", "FILE", "URL", "--quiet", "--verbose")]
    [TestCase("upload", "FILE", "URL", "--retries", "-1")]
    [TestCase("upload", "FILE", "URL", "--retries", "many")]
    [TestCase("upload", "FILE", "URL", "--timeout", "0")]
    [TestCase("upload", "FILE", "URL", "--key", "FILE")]
    [TestCase("upload", "FILE", "URL", "--cacert", "FILE", "--insecure")]
    [TestCase("upload", "FILE", "URL", "--cacert", "FILE")]
    [TestCase("upload", "FILE", "URL", "--cacert", "/none.pem")]
    [TestCase("upload", "FILE", "URL", "--cert", "FILE")]
    [TestCase("upload", "FILE", "URL", "--cert", "/none.pem")]
    [TestCase("upload", "FILE", "URL", "--proxy", "sesame:8080")]
    [TestCase("upload", "FILE", "URL", "--proxy", "ftp://sesame:8080")]
    [TestCase("upload", "FILE", "URL", "--proxy", "http://me:sesame@proxy:8080")]
    [TestCase("upload", "FILE", "URL", "--proxy-user", "me")]
    [TestCase("ping", "URL", "--retries", "1")]
    [TestCase("upload", "FILE", "URL", "--resend", "always")]
    [TestCase("resume", "3f2a", "--state", "uploads", "--resend", "always")]
    [TestCase("list")]
    [TestCase("resume", "3f2a")]
    [TestCase("resume", "--state", "uploads")]
    [TestCase("cancel", "3f2a")]
    [TestCase("cancel", "--state", "uploads")]
    [TestCase("cancel", "--forget", "--state", "uploads")]
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
    [TestCase("demo", "more")]
    public async Task Wrong_usage_writes_one_line_and_ends_with_exit_code_2(params string[] arguments)
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string file = rig.File("a.bin", 10);
        string longUrl = rig.Url(new string('a', 2200));

        ToolRun run = await ToolInProcess.RunAsync([.. arguments.Select(argument => argument switch
        {
            "FILE" => file,
            "URL" => rig.Url("a.bin"),
            "LONGURL" => longUrl,
            _ => argument,
        })]);

        AssertRefused(rig, run, exitCode: 2);
        Assert.That(run.Error, Does.Not.Contain("sesame"));
    }

    [TestCase("bitsclient: Unrecognized command or argument 'bogus'. See 'bitsclient --help'.", "bogus")]
    [TestCase("bitsclient: Unrecognized option '--bogus'. See 'bitsclient list --help'.", "list", "--bogus")]
    [TestCase("bitsclient: Option '--state' is required. See 'bitsclient list --help'.", "list")]
    [TestCase("bitsclient: Specify either the ID of an upload or --all. See 'bitsclient cancel --help'.", "cancel", "--state", "uploads")]
    [TestCase("bitsclient: --older-than requires --all. See 'bitsclient cancel --help'.", "cancel", "3f", "--state=s", "--older-than=7d")]
    [TestCase("bitsclient: --port must be a number from 0 to 65535. See 'bitsclient serve --help'.", "serve", ".", "--port", "65536")]
    [TestCase("bitsclient: --dialect must be mcbup or win32. See 'bitsclient serve --help'.", "serve", ".", "--dialect", "Win32")]
    public async Task The_message_for_wrong_usage_names_the_help_of_the_command(string line, params string[] arguments)
    {
        ToolRun run = await ToolInProcess.RunAsync(arguments);

        Assert.That(run.ErrorLines, Is.EqualTo((string[])[line]));
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
    public async Task A_reserved_header_is_refused_and_named(string name)
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("upload", rig.File("a.bin", 10), rig.Url("a.bin"), "--header", $"{name}: sesame");

        AssertRefused(rig, run, exitCode: 2);
        Assert.That(run.Error, Does.Contain(name).And.Not.Contain("sesame"));
    }

    [Test]
    public async Task A_file_name_can_begin_with_an_at_sign()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string name = $"@{Guid.NewGuid()}.bin";

        ToolRun run = await ToolInProcess.RunAsync("upload", name, rig.Url("a.bin"));

        AssertRefused(rig, run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(Path.GetFullPath(name)), "it is opened as a file, not read as a response file");
    }

    [Test]
    public async Task A_folder_is_refused_with_one_line_and_exit_code_1()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string folder = rig.Folder("folder");

        ToolRun run = await ToolInProcess.RunAsync("upload", folder, rig.Url("a.bin"));

        AssertRefused(rig, run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(folder).And.Contain("folder"));
    }

    [Test]
    public async Task An_empty_file_is_refused_with_one_line_and_exit_code_1()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        string file = rig.File("empty.bin", 0);

        ToolRun run = await ToolInProcess.RunAsync("upload", file, rig.Url("a.bin"));

        AssertRefused(rig, run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(file).And.Contain("empty").And.Not.Contain("Parameter"));
    }

    [Test]
    public async Task Serving_a_missing_folder_fails_with_one_line_and_exit_code_1()
    {
        await using ToolRig rig = await ToolRig.StartAsync();

        ToolRun run = await ToolInProcess.RunAsync("serve", rig.PathOf("none"));

        AssertRefused(rig, run, exitCode: 1);
        Assert.That(run.Error, Does.Contain(rig.PathOf("none")));
        Assert.That(Directory.Exists(rig.PathOf("none")), Is.False);
    }

    private static void AssertRefused(ToolRig rig, ToolRun run, int exitCode)
    {
        Assert.That(run.ExitCode, Is.EqualTo(exitCode), run.Error);
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.StartWith("bitsclient: "));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }
}
