using System.Net;
using BitsClient.Protocol;
using BitsClient.Resilience;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Resilience;

/// <summary>When a Cancel-Session is sent again (Win32 Cancel-Session), and how soon. The clock is moved by hand.</summary>
public sealed class CancelRetryTests
{
    private static readonly BitsPacket Cancel = new BitsPacket.CancelSession("id");

    [TestCase(500, null, true)]
    [TestCase(501, null, true, Description = "any 5xx")]
    [TestCase(599, null, true)]
    [TestCase(499, null, false)]
    [TestCase(408, null, false)]
    [TestCase(200, null, false)]
    [TestCase(500, 0x8020001Fu, false, Description = "the session is gone, which is what was asked for")]
    public async Task Only_a_5xx_is_worth_another_try(int status, uint? code, bool again) =>
        Assert.That(await IsTriedAgain(new BitsServerException("no", (HttpStatusCode)status) { ErrorCode = code }), Is.EqualTo(again));

    [TestCase(500, true)]
    [TestCase(503, true)]
    [TestCase(501, false)]
    [TestCase(505, false)]
    [TestCase(409, false)]
    [TestCase(408, false)]
    public void A_final_refusal_of_Close_Session_is_not_worth_another_try(int status, bool again)
    {
        BitsServerException refused = new("no", (HttpStatusCode)status);
        Assert.That(
            CancelRetry.After(new BitsPacket.CloseSession("id", null), refused).RetryReason, again ? Is.SameAs(refused) : Is.Null);
    }

    [Test]
    public async Task No_answer_is_worth_another_try_and_what_does_not_pass_is_not()
    {
        Assert.That(await IsTriedAgain(new BitsUploadException("no answer") { IsTransient = true }), Is.True);
        Assert.That(await IsTriedAgain(new BitsProtocolException("nonsense")), Is.False);
        Assert.That(CancelRetry.After(Cancel, null), Is.EqualTo(Attempt.Next));
    }

    [Test]
    public async Task The_delays_double_up_to_two_seconds()
    {
        ManualTimeProvider time = new();
        int tries = 0;
        Task running = CancelRetry.Build(time)
            .ExecuteAsync(_ => ValueTask.FromResult(CancelRetry.After(Cancel, ++tries < 6 ? NoAnswer() : null))).AsTask();
        foreach (int delay in new[] { 250, 500, 1000, 2000, 2000 })
        {
            await time.WhenArmed(TimeSpan.FromMilliseconds(delay));
            time.Advance(TimeSpan.FromMilliseconds(delay));
        }

        await running;
        Assert.That(tries, Is.EqualTo(6));
    }

    private static BitsUploadException NoAnswer() => new("no answer") { IsTransient = true };

    private static async Task<bool> IsTriedAgain(BitsUploadException failure)
    {
        ManualTimeProvider time = new() { PassesAtOnce = TimeSpan.FromSeconds(2) };
        int tries = 0;
        await CancelRetry.Build(time).ExecuteAsync(_ => ValueTask.FromResult(CancelRetry.After(Cancel, ++tries < 2 ? failure : null)));
        return tries == 2;
    }
}
