using System.Net;
using System.Net.Http.Headers;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Diagnostics;

/// <summary>
/// No secret is logged. <see cref="UploadRig"/> checks this for every upload; these tests show that the check finds secrets.
/// </summary>
public sealed class SecretsInLogsTests
{
    [Test]
    public async Task An_upload_with_every_kind_of_problem_logs_at_each_level_used_and_shows_no_secret()
    {
        AuthenticationHeaderValue[] credentials = [new("Bearer", Secrets.Token), new("Basic", Secrets.BasicCredentials)];
        int sent = 0;
        BitsUploadOptions options = new()
        {
            FixedFragmentSize = 1000,
            PrepareRequest = (context, _) =>
            {
                context.Request.Headers.Authorization = credentials[sent++ % 2];
                return ValueTask.CompletedTask;
            },
        };
        using UploadRig rig = new(options: options);
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(30);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(401), occurrence: 2);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.DropAfterHandling(), occurrence: 4);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(500) { ErrorCode = "0x8020001F" }, occurrence: 7);
        await using (IBitsUploadJob done = rig.CreateJob())
        {
            await done.RunAsync(new ProgressHandler(_ => throw new InvalidOperationException("The handler is broken.")));
        }

        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer((int)HttpStatusCode.Forbidden), occurrence: 3);
        await using IBitsUploadJob failed = rig.CreateJob();
        Assert.That(async () => await failed.RunAsync(), Throws.TypeOf<BitsServerException>());
        BitsGate unanswered = rig.Server.HoldRequest(BitsPacketNames.CancelSession);
        Task<BitsCancelOutcome> canceling = failed.CancelAsync();
        await unanswered.ReachedByAsync(canceling);
        rig.Time.Advance(options.CancelTimeout);
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.Unconfirmed));

        LogLevel[] levels = [.. rig.Logs.Entries.Select(entry => entry.Level).Distinct().Order()];
        Assert.That(levels, Is.EqualTo(new[] { LogLevel.Debug, LogLevel.Information, LogLevel.Warning }));
        Assert.That(
            rig.Logs.Entries.Select(entry => entry.Text),
            Has.Some.Contains(rig.Server.Sessions[0].Id),
            "a session id may be logged below Information");
    }

    [TestCase(LogLevel.Trace, Secrets.UserInfo)]
    [TestCase(LogLevel.Debug, Secrets.Query)]
    [TestCase(LogLevel.Information, Secrets.Token)]
    [TestCase(LogLevel.Critical, Secrets.Password)]
    [TestCase(LogLevel.Information, "{SESSION}")]
    public void The_check_finds_a_secret_in_a_message(LogLevel level, string secret)
    {
        LogCollector logs = new();
        logs.Logger.Log(level, default, secret, exception: null, static (text, _) => $"It is {text}.");
        Assert.That(Secrets.LeaksIn(logs, "{SESSION}"), Is.Not.Empty);
    }

    [Test]
    public void The_check_finds_a_secret_in_an_exception_and_allows_a_session_id_below_Information()
    {
        LogCollector logs = new();
        logs.Logger.Log(LogLevel.Debug, default, "{SESSION}", exception: null, static (text, _) => text);
        Assert.That(Secrets.LeaksIn(logs, "{SESSION}"), Is.Empty);
        InvalidOperationException exception = new(Secrets.BasicCredentials);
        logs.Logger.Log(LogLevel.Trace, default, "", exception, static (text, _) => text);
        Assert.That(Secrets.LeaksIn(logs, "{SESSION}"), Is.Not.Empty);
    }
}
