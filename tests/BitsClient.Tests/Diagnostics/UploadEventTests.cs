using System.Net;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Diagnostics;

/// <summary>
/// The log messages about changes of an upload: a new session, smaller fragments, another host, suspend and resume. The whole text is
/// compared, so that no query and no session id can be in it; <see cref="UploadRig"/> checks the logged values as well.
/// </summary>
public sealed class UploadEventTests
{
    private const string Url = "http://bits.test/upload/file.bin";

    [Test]
    public async Task A_lost_session_is_logged_as_a_warning_with_the_reason()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.LoseSession(), occurrence: 4);
        await RunAsync(rig);
        Assert.That(Lines(rig, "starts over"), Is.EqualTo(new[]
        {
            $"Warning: The session of the upload to {Url} was lost, or can no longer be used, with 3000 of 10000 bytes acknowledged; "
            + "the upload starts over: the server answered 500 with 0x8020001F.",
        }));
        Assert.That(Lines(rig, "was created at"), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_session_that_can_no_longer_be_used_is_logged_once_with_the_reason()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(416) { ErrorCode = "0x80070057" }, occurrence: 3);
        await RunAsync(rig);
        Assert.That(rig.Packets(), Does.StartWith("Create-Session, Fragment, Fragment, Fragment, Cancel-Session, Create-Session, "));
        Assert.That(Lines(rig, "starts over"), Is.EqualTo(new[]
        {
            $"Warning: The session of the upload to {Url} was lost, or can no longer be used, with 2000 of 10000 bytes acknowledged; "
            + "the upload starts over: the server answered 416 with 0x80070057.",
        }));
    }

    [Test]
    public async Task A_fragment_that_the_server_refuses_as_too_large_is_logged_with_both_sizes()
    {
        Interception limit = new(request => Task.FromResult(
            request.Content?.Headers.ContentLength > 600
                ? new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge) { RequestMessage = request }
                : null));
        using UploadRig rig = new(options: Adaptive(), handlers: limit);
        await RunAsync(rig);
        Assert.That(
            Lines(rig, "reduced"),
            Is.EqualTo(new[]
            {
                $"Information: Fragments of the upload to {Url} were reduced from 1000 to 500 bytes: the server answered 413.",
            }));
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "HttpClient does not say there that the response ended.")]
    public async Task A_fragment_size_that_is_halved_after_a_failure_is_logged_with_the_failure()
    {
        using UploadRig rig = new(options: Adaptive(), handlers: new Interception(Broken(packet: 3)));
        await RunAsync(rig);
        Assert.That(
            Lines(rig, "reduced"),
            Is.EqualTo(new[]
            {
                $"Information: Fragments of the upload to {Url} were reduced from 1000 to 500 bytes: "
                + "there was no answer (ResponseEnded).",
            }));
    }

    [Test]
    public async Task A_retry_with_the_same_session_size_and_host_logs_no_change()
    {
        using UploadRig rig = new(handlers: new Interception(Broken(packet: 3)));
        await RunAsync(rig);
        Assert.That(Lines(rig, "is retried in"), Has.Length.EqualTo(1));
        Assert.That(Lines(rig, "starts over").Concat(Lines(rig, "reduced")).Concat(Lines(rig, "go to the host")), Is.Empty);
    }

    [Test]
    public async Task A_host_that_the_server_names_is_logged_once()
    {
        using UploadRig rig = new(handlers: NamedHost(fallbackSeconds: null));
        await RunAsync(rig);
        Assert.That(
            Lines(rig, "go to the host"),
            Is.EqualTo(new[] { $"Information: The packets of the upload to {Url} go to the host node7 from now on." }));
    }

    [Test]
    public async Task The_return_to_the_URLs_own_host_is_logged_too()
    {
        using UploadRig rig = new(handlers: [NamedHost(fallbackSeconds: 60), UnreachableAfter(packets: 3)]);
        await RunAsync(rig);
        Assert.That(Lines(rig, "go to the host"), Is.EqualTo(new[]
        {
            $"Information: The packets of the upload to {Url} go to the host node7 from now on.",
            $"Information: The packets of the upload to {Url} go to the host bits.test from now on.",
        }));
    }

    [Test]
    public async Task A_host_that_the_server_names_is_logged_before_its_session_is_saved()
    {
        RecordingStore store = new();
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store },
            handlers: NamedHost(fallbackSeconds: null));
        string[]? before = null;
        store.OnCall = call =>
        {
            before ??= call == "save 0 node7" ? Lines(rig, "go to the host") : null;
            return Task.CompletedTask;
        };
        await RunAsync(rig);
        Assert.That(before, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task The_return_to_the_URLs_own_host_is_logged_before_a_packet_is_sent_to_it()
    {
        using UploadRig rig = new(handlers: [NamedHost(fallbackSeconds: 0), UnreachableAfter(packets: 3)]);
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        string[] before = Lines(rig, "go to the host");
        gate.Release();
        await running;
        Assert.That(before, Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_session_that_must_not_be_continued_at_another_host_is_logged_as_replaced()
    {
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 1000, ResendPolicy = BitsResendPolicy.NewSession },
            handlers: [NamedHost(fallbackSeconds: 0), UnreachableAfter(packets: 3)]);
        await RunAsync(rig);
        AssertReplacedInDoubt(rig);
    }

    [Test]
    public async Task A_session_whose_fragment_was_abandoned_by_a_suspension_is_logged_as_replaced()
    {
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 1000, ResendPolicy = BitsResendPolicy.NewSession });
        BitsGate gate = rig.Server.HoldBody(3, 500);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        await rig.Time.WhenArmed(TimeSpan.FromSeconds(1));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await suspending;
        await job.ResumeAsync();
        await running;
        AssertReplacedInDoubt(rig);
    }

    [Test]
    public async Task Suspend_and_resume_are_logged()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 3);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Task suspending = job.SuspendAsync();
        gate.Release();
        await suspending;
        Assert.That(Lines(rig, "resumed"), Is.Empty);
        await job.ResumeAsync();
        await running;
        Assert.That(Lines(rig, "suspended").Concat(Lines(rig, "resumed")), Is.EqualTo(new[]
        {
            $"Information: The upload to {Url} was suspended with 3000 of 10000 bytes acknowledged.",
            $"Information: The upload to {Url} was resumed.",
        }));
    }

    [Test]
    public async Task A_suspended_upload_that_is_canceled_is_not_logged_as_resumed()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.CreateJob();
        await job.SuspendAsync();
        Task<BitsUploadResult> running = job.RunAsync();
        await job.CancelAsync();
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(Lines(rig, "was suspended"), Is.EqualTo(new[]
        {
            $"Information: The upload to {Url} was suspended with 0 of 10000 bytes acknowledged.",
        }));
        Assert.That(Lines(rig, "resumed"), Is.Empty);
    }

    private static BitsUploadOptions Adaptive() => new() { MinFragmentSize = 10, InitialFragmentSize = 1000, MaxFragmentSize = 1000 };

    // The connection breaks once, at this packet.
    private static Func<HttpRequestMessage, Task<HttpResponseMessage?>> Broken(int packet) => async request =>
    {
        if (--packet != 0)
        {
            return null;
        }

        await request.Content!.CopyToAsync(Stream.Null);
        throw new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
    };

    // The server in memory answers for every host.
    private static Alteration NamedHost(int? fallbackSeconds) => new((request, response) =>
    {
        if (Interception.TypeOf(request) == BitsPacketNames.CreateSession)
        {
            response.Headers.Add("BITS-Host-Id", "node7");
            if (fallbackSeconds is { } seconds)
            {
                response.Headers.Add("BITS-Host-Id-Fallback-Timeout", $"{seconds}");
            }
        }
    });

    // The named host accepts no connection after this number of packets.
    private static Interception UnreachableAfter(int packets) => new(request => request.RequestUri!.Host == "node7" && packets-- <= 0
        ? throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused.")
        : Task.FromResult<HttpResponseMessage?>(null));

    private static void AssertReplacedInDoubt(UploadRig rig) => Assert.That(
        Lines(rig, "starts over"),
        Is.EqualTo(new[]
        {
            $"Warning: The session of the upload to {Url} was lost, or can no longer be used, with 2000 of 10000 bytes acknowledged; "
            + "the upload starts over: a fragment was in flight, and ResendPolicy does not allow to send it again.",
        }));

    private static async Task RunAsync(UploadRig rig)
    {
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    // The messages with these words, without the additional values of structured logging.
    private static string[] Lines(UploadRig rig, string words) =>
    [
        .. rig.Logs.Entries
            .Select(entry => $"{entry.Level}: {entry.Text.Split(" [")[0]}")
            .Where(line => line.Contains(words, StringComparison.Ordinal)),
    ];
}
