using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Diagnostics;

/// <summary>What an upload logs, and at which level.</summary>
public sealed class LogTests
{
    private const string Url = "http://bits.test/upload/file.bin";

    [Test]
    public async Task An_upload_logs_its_session_fragments_retry_and_end()
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        rig.Server.Inject(
            BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new BitsHeader("Retry-After", "10")] }, occurrence: 3);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();

        string[] lines = Lines(rig);
        Assert.That(lines[0], Is.EqualTo($"Debug: Session {job.SessionId} was created at {Url}."));
        Assert.That(lines[1], Is.EqualTo("Debug: Fragment of 1000 bytes at 0 was acknowledged; the server wants 1000 of 10000 next."));
        Assert.That(lines[3], Is.EqualTo($"Warning: Fragment to {Url} failed and is retried in 00:00:10: the server answered 503."));
        Assert.That(lines[^1], Is.EqualTo($"Information: Uploaded 10000 bytes to {Url} in 10 fragments."));
        Assert.That(lines, Has.Length.EqualTo(13));
    }

    [Test]
    public async Task A_failure_and_the_end_of_a_cancel_are_logged()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        await job.CancelAsync();
        Assert.That(Lines(rig).TakeLast(2), Is.EqualTo(new[]
        {
            $"Warning: The upload to {Url} failed at Fragment with 1000 of 10000 bytes acknowledged: the server answered 403.",
            $"Information: The cancel of the upload to {Url} ended: SessionCanceled.",
        }));
    }

    [Test]
    public async Task A_cancel_that_the_server_refuses_logs_a_warning()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        rig.Server.InjectEvery(BitsPacketNames.CancelSession, new BitsFault.Answer(403));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        await job.CancelAsync();
        Assert.That(Lines(rig).TakeLast(2), Is.EqualTo(new[]
        {
            $"Warning: The session of the upload to {Url} could not be canceled and may stay on the server: the server answered 403.",
            $"Information: The cancel of the upload to {Url} ended: Unconfirmed.",
        }));
    }

    // Without the additional values of structured logging.
    private static string[] Lines(UploadRig rig) => [.. rig.Logs.Entries.Select(entry => $"{entry.Level}: {entry.Text.Split(" [")[0]}")];
}
