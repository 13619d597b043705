using System.CommandLine;
using BitsClient.Cli.Commands;
using BitsClient.Cli.Output;
using BitsClient.Testing;

namespace BitsClient.Cli.Tests.Commands;

/// <summary>The connection with --header and --trace.</summary>
public sealed class ConnectionOptionsTests
{
    [Test]
    public void Headers_are_sent_with_each_packet()
    {
        using StringWriter error = new();
        using HttpClient http =
            Open(error, out ConnectionOptions options, out ParseResult parsed, "--header", "X-One: 1", "--header", "User-Agent: any/");

        Assert.That(http.DefaultRequestHeaders.NonValidated["X-One"].ToString(), Is.EqualTo("1"));
        Assert.That(http.DefaultRequestHeaders.NonValidated["User-Agent"].ToString(), Is.EqualTo("any/"));
        Assert.That(options.ShowsPackets(parsed), Is.False);
    }

    [Test]
    public void Without_options_there_are_no_headers_and_no_timeout()
    {
        using StringWriter error = new();
        using HttpClient http = Open(error, out ConnectionOptions options, out ParseResult parsed);

        Assert.That(http.DefaultRequestHeaders, Is.Empty);
        Assert.That(http.Timeout, Is.EqualTo(Timeout.InfiniteTimeSpan), "the library has its own timeouts");
        Assert.That(options.ShowsPackets(parsed), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_trace_is_written_to_stderr_if_requested(bool traced)
    {
        using BitsTestServer server = new();
        await using BitsTestHost host = await BitsTestHost.StartAsync(server);
        using StringWriter error = new();
        using HttpClient http = Open(error, out ConnectionOptions options, out ParseResult parsed, traced ? ["--trace"] : []);

        await new BitsUploadClient(http).PingAsync(new Uri(host.BaseAddress, "a.bin"));

        Assert.That(options.ShowsPackets(parsed), Is.EqualTo(traced));
        Assert.That(error.ToString(), traced ? Does.StartWith("> BITS_POST /a.bin HTTP/1.1").And.Contain("< HTTP/1.1 200 OK") : Is.Empty);
    }

    private static HttpClient Open(StringWriter error, out ConnectionOptions options, out ParseResult parsed, params string[] arguments)
    {
        options = new ConnectionOptions();
        Command command = new("test");
        options.AddTo(command);
        parsed = command.Parse(arguments);
        using StringWriter output = new();
        return options.Open(parsed, new Terminal(output, error), new Uri("http://server/a.bin"));
    }
}
