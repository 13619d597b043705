#if NET10_0_OR_GREATER
using BitsClient.Testing;

namespace BitsClient.IntegrationTests.Cli;

[Platform(Exclude = "Win", Reason = "There is no kill to send a signal with.")]
internal sealed class CancelTests : StateTest
{
    [Test]
    public async Task One_upload_is_cancelled_on_the_server_and_here_without_its_file()
    {
        string id = await LeaveAsync("a.bin");
        string other = await LeaveAsync("b.bin");
        System.IO.File.Delete(PathOf("a.bin"));

        ToolRun run = await RunAsync("cancel", id, "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.OutputLines, Is.EqualTo((string[])[$"{id} ({Url("a.bin")}): cancelled"]));
        Assert.That(Server.Sessions.Select(session => session.State), Is.EqualTo((BitsTestSessionState[])[BitsTestSessionState.Canceled, BitsTestSessionState.Open]));
        Assert.That(StateFiles.Select(Path.GetFileNameWithoutExtension), Is.EqualTo((string[])[other]));
    }

    [Test]
    public async Task All_are_cancelled_but_what_cannot_be_read_which_is_told_and_left_alone()
    {
        await LeaveAsync("a.bin");
        await LeaveAsync("b.bin");
        string bad = Path.Combine(State, "bad.json");
        await System.IO.File.WriteAllTextAsync(bad, "{");

        ToolRun run = await RunAsync("cancel", "--all", "--state", State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.OutputLines, Has.Length.EqualTo(2));
        Assert.That(run.ErrorLines.Single(), Does.StartWith("bitsclient: ").And.Contain(bad).And.Contain("damaged"));
        Assert.That(Server.OpenSessions, Is.Zero);
        Assert.That(StateFiles, Is.EqualTo((string[])[bad]));
        Assert.That(await System.IO.File.ReadAllTextAsync(bad), Is.EqualTo("{"));
    }

    [Test]
    public async Task A_folder_that_is_empty_or_not_there_is_told()
    {
        ToolRun run = await RunAsync("cancel", "--all", "--state", State);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.ErrorLines.Single(), Is.EqualTo($"bitsclient: There are no saved uploads in {State}."));
    }

    [TestCase("7d", 7 * 24 * 60)]
    [TestCase("12h", 12 * 60)]
    [TestCase("30m", 30)]
    public async Task Only_those_are_cancelled_for_which_nothing_happened_for_so_long(string age, int minutes)
    {
        await SaveAsync("old", TimeSpan.FromMinutes(minutes + 2));
        Guid young = await SaveAsync("young", TimeSpan.FromMinutes(minutes - 2));

        ToolRun run = await RunAsync("cancel", "--all", "--older-than", age, "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(Packets(BitsPacketTypes.CancelSession).Select(exchange => exchange.RequestHeader("BITS-Session-Id")), Is.EqualTo((string[])["old"]));
        Assert.That(StateFiles.Select(Path.GetFileNameWithoutExtension), Is.EqualTo((string[])[$"{young}"]));
    }

    [Test]
    public async Task A_cancel_that_the_server_does_not_confirm_keeps_the_state()
    {
        string id = await LeaveAsync("a.bin");
        Server.InjectEvery(BitsPacketTypes.CancelSession, new BitsFault.Answer(403));

        ToolRun run = await RunAsync("cancel", id, "--state", State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Output, Is.Empty);
        Assert.That(run.ErrorLines, Has.Length.EqualTo(2).And.All.StartWith("bitsclient: "));
        Assert.That(run.ErrorLines[0], Does.Contain("the server answered 403"));
        Assert.That(run.ErrorLines[1], Does.Contain(id).And.Contain("the state is kept"));
        Assert.That(StateFiles, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_server_that_is_not_there_is_told_as_the_reason()
    {
        Guid id = await SaveAsync("some", TimeSpan.Zero);
        await StopServerAsync();

        ToolRun run = await RunAsync("cancel", $"{id}", "--state", State);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.ErrorLines[0], Does.EndWith("it may stay on the server: there was no answer (ConnectionError)."));
        Assert.That(run.ErrorLines[1], Does.Contain($"{id}").And.Contain("the state is kept"));
    }

    [Test]
    public async Task Of_what_an_earlier_session_left_no_more_is_said_than_is_known()
    {
        Guid id = await SaveAsync("some", TimeSpan.Zero, hasUncertainPast: true);

        ToolRun run = await RunAsync("cancel", $"{id}", "--state", State);

        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("an earlier one of this upload may be left on the server, or its whole file").And.Not.Contain("last bytes"));
    }

    [Test]
    public async Task A_cancel_takes_the_verb_and_the_headers_it_is_given()
    {
        string id = await LeaveAsync("a.bin");

        await RunAsync("cancel", id, "--state", State, "--override-verb", "--header", "X-One: 1");

        BitsExchange cancel = Packets(BitsPacketTypes.CancelSession).Single();
        Assert.That(cancel.Method, Is.EqualTo("POST"));
        Assert.That(cancel.RequestHeader("X-One"), Is.EqualTo("1"));
    }

    // The server does not know the session, which is as good as a cancel.
    private async Task<Guid> SaveAsync(string session, TimeSpan age, bool hasUncertainPast = false)
    {
        BitsUploadState state = new()
        {
            Id = Guid.NewGuid(),
            Url = new Uri(Url("a.bin")),
            SessionId = session,
            UpdatedAt = DateTimeOffset.UtcNow - age,
            BytesAcknowledged = 10,
            BytesTotal = 20,
            HasUncertainPast = hasUncertainPast,
        };
        await Store.SaveAsync(state);
        return state.Id;
    }
}
#endif
