using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Transport;

/// <summary>A handler may send a packet twice: each time is counted, and reported where it may have consequences.</summary>
public sealed class RepeatingHandlerTests
{
    [Test]
    public async Task A_fragment_that_is_sent_twice_is_counted_twice_and_logged_once()
    {
        using UploadRig rig = new(options: Options(BitsResendPolicy.Resynchronize), handlers: Repeater(BitsPacketNames.Fragment));
        await using IBitsUploadJob job = rig.CreateJob();
        List<long> sent = [];
        BitsUploadResult result = await job.RunAsync(new ProgressHandler(report => sent.Add(report.BytesSent)));
        Assert.That((sent[^1], result.BytesResent, result.Retries), Is.EqualTo((20_000, 10_000, 10)));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(Logged(rig), Is.EqualTo(1));
    }

    [Test]
    public async Task A_fragment_that_answers_a_challenge_is_counted_but_not_worth_a_warning()
    {
        using UploadRig rig = new(
            options: Options(BitsResendPolicy.NewSession), handlers: Repeater(BitsPacketNames.Fragment, "Digest"));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That((result.BytesResent, result.Retries), Is.EqualTo((10_000, 10)));
        Assert.That(Logged(rig), Is.Zero);
    }

    [Test]
    public async Task Where_no_byte_may_be_sent_twice_the_handler_is_kept_from_it()
    {
        BitsUploadOptions options = Options(BitsResendPolicy.NewSession);
        options.Retry.MaxRetries = 0;
        using UploadRig rig = new(options: options, handlers: Repeater(BitsPacketNames.Fragment));
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => job.RunAsync())!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Handler));
        Assert.That(e.Message, Does.Contain("tried to send the fragment again"));
        Assert.That(rig.Server.Dialogue.Sum(exchange => exchange.BodyBytes), Is.EqualTo(1000), "the first time only");
        Assert.That(Logged(rig), Is.EqualTo(1));
    }

    [Test]
    public async Task A_handler_that_signs_each_request_answers_no_challenge()
    {
        BitsUploadOptions options = Options(BitsResendPolicy.NewSession);
        options.Retry.MaxRetries = 0;
        using UploadRig rig = new(options: options, handlers: Repeater(BitsPacketNames.Fragment, "Signature"));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(
            () => job.RunAsync(), Throws.TypeOf<BitsUploadException>().With.Property("Reason").EqualTo(BitsFailureReason.Handler));
    }

    [Test]
    public async Task A_second_Create_Session_may_have_left_a_session()
    {
        using UploadRig rig = new(options: Options(BitsResendPolicy.Resynchronize), handlers: Repeater(BitsPacketNames.CreateSession));
        BitsGate gate = rig.Server.HoldBody(1, 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(await job.CancelAsync(), Is.EqualTo(BitsCancelOutcome.Unconfirmed));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Server.OpenSessionCount, Is.EqualTo(1), "the first one");
    }

    private static BitsRepeatingHandler Repeater(string packetType, string? scheme = null) => new(packetType) { Scheme = scheme };

    private static int Logged(UploadRig rig) =>
        rig.Logs.Entries.Count(entry => entry.Text.Contains("again, or tried to", StringComparison.Ordinal));

    private static BitsUploadOptions Options(BitsResendPolicy policy) =>
        new() { FixedFragmentSize = 1000, ResendPolicy = policy, ProgressInterval = TimeSpan.Zero };
}
