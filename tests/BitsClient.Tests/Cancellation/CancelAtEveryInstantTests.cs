using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cancellation;

/// <summary>
/// The token fires at each instant of an upload of ten fragments in turn; the outcome that is reported is what the server saw.
/// </summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class CancelAtEveryInstantTests(BitsServerDialect dialect)
{
    // In parts, so that they run in parallel and none takes long.
    private const int Parts = 4;

    [Test]
    public async Task A_cancel_at_any_instant_leaves_no_session_and_reports_the_true_outcome()
    {
        int instants = await CountInstants();
        Assert.That(instants, Is.GreaterThanOrEqualTo(200));
        Dictionary<string, int> outcomes = [];
        for (int instant = 0; instant < instants; instant++)
        {
            string outcome = await CancelAt(instant);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        // At the first instant, Create-Session has no connection yet. Every later one before the file's last piece is handed over cancels.
        // The last five do not: the end of that write, its ack, and Close-Session with its ack follow it.
        Dictionary<string, int> expected = new() { ["NotStarted"] = 1, ["SessionCanceled"] = instants - 6, ["Completed"] = 5 };
        Assert.That(outcomes, Is.EquivalentTo(expected));
    }

    [Test]
    public async Task A_token_that_fires_on_another_thread_makes_no_difference([Range(0, Parts - 1)] int part)
    {
        int instants = await CountInstants();
        for (int instant = part; instant < instants; instant += Parts)
        {
            string outcome = await CancelAt(instant, onAnotherThread: true);
            Assert.That(outcome, Is.AnyOf("SessionCanceled", "Completed", instant == 0 ? "NotStarted" : "Completed"));
        }
    }

    private async Task<int> CountInstants()
    {
        Instants instants = new(static _ => { });
        using UploadRig rig = new(dialect, handlers: instants);
        await using IBitsUploadJob job = CreateJob(rig);
        await job.RunAsync();
        return instants.Count;
    }

    private async Task<string> CancelAt(int instant, bool onAnotherThread = false)
    {
        using CancellationTokenSource cancel = new();
        Task canceling = Task.CompletedTask;
        Instants instants = new(count =>
        {
            if (count == instant && onAnotherThread)
            {
                canceling = Task.Run(cancel.Cancel);
            }
            else if (count == instant)
            {
                cancel.Cancel();
            }
        });
        using UploadRig rig = new(dialect, handlers: instants);
        await using IBitsUploadJob job = CreateJob(rig);
        string outcome = await Outcome(job, cancel.Token);
        await canceling;

        string at = $"at instant {instant}: {rig.Packets()}";
        rig.Server.AssertNoViolations();
        Assert.That(rig.Server.OpenSessionCount, Is.Zero, at);
        if (outcome is "NotStarted")
        {
            Assert.That(rig.Packets(), Is.Empty, at);
            return outcome;
        }

        BitsTestSession session = rig.Server.Sessions.Single();
        Assert.That(job.SessionId, Is.EqualTo(session.Id), at);
        Assert.That(session.State, Is.EqualTo(outcome is "Completed" ? BitsTestSessionState.Closed : BitsTestSessionState.Canceled), at);
        Assert.That(rig.Server.HasFile("/upload/file.bin"), Is.EqualTo(outcome is "Completed"), at);
        if (outcome is "Completed")
        {
            Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File), at);
            Assert.That(rig.SessionIdsOf("Cancel-Session"), Is.Empty, at);
        }
        else
        {
            Assert.That(rig.SessionIdsOf("Cancel-Session"), Is.EqualTo(new[] { session.Id }), at);
        }

        return outcome;
    }

    // Pieces of 100 bytes: each fragment is sent in ten.
    private static IBitsUploadJob CreateJob(UploadRig rig) => rig.Client.CreateJob(new ShortReads(rig.File, most: 100), UploadRig.Url);

    private static async Task<string> Outcome(IBitsUploadJob job, CancellationToken token)
    {
        try
        {
            await job.RunAsync(cancellationToken: token);
            return "Completed";
        }
        catch (BitsUploadCanceledException e)
        {
            Assert.That(e.CancellationToken, Is.EqualTo(token));
            return e.Outcome.ToString();
        }
    }
}
