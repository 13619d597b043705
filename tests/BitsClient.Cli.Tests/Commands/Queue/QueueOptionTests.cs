using BitsClient.Cli.Queue;
using BitsClient.Cli.Tests.Support;
using BitsClient.IntegrationTests.Cli;
using Npgsql;

namespace BitsClient.Cli.Tests.Commands.Queue;

/// <summary>The option --db, and the environment variable for it.</summary>
[NonParallelizable]
public sealed class QueueOptionTests
{
    private const string Variable = "BITSCLIENT_QUEUE";

    [TearDown]
    public void Unset() => Environment.SetEnvironmentVariable(Variable, null);

    [TestCase("Host=db;Database=uploads;Username=me")]
    [TestCase("host = db ; Port=5433")]
    public async Task A_text_with_a_host_is_a_connection_string_of_PostgreSQL(string text)
    {
        QueueLocation location = QueueLocation.Parse(text);
        await using (location.Source)
        {
            Assert.That(location.File, Is.Null);
            Assert.That(location.Source, Is.InstanceOf<NpgsqlDataSource>());
            Assert.That(new NpgsqlConnectionStringBuilder(location.Source.ConnectionString).Host, Is.EqualTo("db"));
        }
    }

    [TestCase("uploads.db")]
    [TestCase("a;b.db")]
    public async Task Any_other_text_is_a_file(string text)
    {
        QueueLocation location = QueueLocation.Parse(text);
        await using (location.Source)
        {
            Assert.That(location.File, Is.EqualTo(text));
        }
    }

    [Test]
    public async Task A_file_whose_name_looks_like_a_connection_string_is_one_if_it_exists()
    {
        using BitsClient.Tests.Support.TemporaryFile file = new([1], "Host=db");
        QueueLocation location = QueueLocation.Parse(file.Path);
        await using (location.Source)
        {
            Assert.That(location.File, Is.EqualTo(file.Path));
        }
    }

    [TestCase("Host=db;Databse=uploads;Password=sesame", "databse")]
    [TestCase("Hst=db;Database=uploads;Password=sesame", "has a host")]
    [TestCase("Host=db;Port=many;Password=sesame", "port")]
    [TestCase("Host=db;;=;Password=sesame", "connection string|initialization string")]
    [TestCase("postgresql://me:sesame@db/uploads", "not a URL")]
    public async Task A_typo_is_wrong_usage_and_shows_no_password(string text, string message)
    {
        ToolRun option = await ToolInProcess.RunAsync("queue", "list", "--db", text);
        Environment.SetEnvironmentVariable(Variable, text);
        ToolRun variable = await ToolInProcess.RunAsync("queue", "list");

        Assert.That((option.ExitCode, variable.ExitCode), Is.EqualTo((2, 2)));
        Assert.That(option.ErrorLines.Single(), Does.StartWith("bitsclient: --db cannot be used: ").And.Match($"(?i){message}"));
        Assert.That(variable.ErrorLines.Single(), Does.StartWith($"bitsclient: {Variable} cannot be used: ").And.Match($"(?i){message}"));
        Assert.That(option.Error + variable.Error, Does.Not.Contain("sesame"));
    }

    [Test]
    public async Task The_variable_is_the_default_and_the_option_comes_first()
    {
        await using ToolRig rig = await ToolRig.StartAsync();
        Environment.SetEnvironmentVariable(Variable, rig.PathOf("variable.db"));
        ToolRun added = await ToolInProcess.RunAsync("queue", "add", rig.File("a.bin", 10), rig.Url("a.bin"));

        ToolRun listed = await ToolInProcess.RunAsync("queue", "list");
        ToolRun other = await ToolInProcess.RunAsync("queue", "list", "--db", rig.PathOf("other.db"));

        Assert.That(listed.Output, Does.StartWith(added.Output.Trim()));
        Assert.That((other.ExitCode, other.ErrorLines.Single()), Is.EqualTo(
            (1, $"bitsclient: There is no queue '{rig.PathOf("other.db")}'.")));
        Assert.That(File.Exists(rig.PathOf("other.db")), Is.False);
    }

    [Test]
    public async Task Without_both_the_message_names_them()
    {
        ToolRun run = await ToolInProcess.RunAsync("queue", "list");

        const string Message =
            $"bitsclient: Specify the queue with --db, or in the environment variable {Variable}. See 'bitsclient queue list --help'.";
        Assert.That((run.ExitCode, run.ErrorLines.Single()), Is.EqualTo((2, Message)));
    }

    [Test]
    public async Task A_password_on_the_command_line_is_warned_of()
    {
        const string Unreachable = "Host=127.0.0.1;Port=1;Username=me;Password=sesame;Timeout=1";

        ToolRun option = await ToolInProcess.RunAsync("queue", "list", "--db", Unreachable);
        Environment.SetEnvironmentVariable(Variable, Unreachable);
        ToolRun variable = await ToolInProcess.RunAsync("queue", "list");

        Assert.That(option.ErrorLines[0], Does.StartWith("bitsclient: Warning: ").And.Contain(Variable));
        Assert.That(variable.ErrorLines.Single(), Does.Contain("the PostgreSQL database 'me' on 127.0.0.1 cannot be used"));
        Assert.That((option.ExitCode, variable.ExitCode), Is.EqualTo((1, 1)));
        Assert.That(option.Error + variable.Error, Does.Not.Contain("sesame"));
    }
}
