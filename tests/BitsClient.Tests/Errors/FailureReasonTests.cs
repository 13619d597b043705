using System.Security.Authentication;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Polly;

namespace BitsClient.Tests.Errors;

/// <summary>Which <see cref="BitsUploadException.Reason"/> a failed upload has, for each cause that the library distinguishes.</summary>
public sealed class FailureReasonTests
{
    [Test]
    public async Task An_error_status_is_Server()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        Assert.That(await ReasonOfAsync<BitsServerException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Server));
    }

    [Test]
    public async Task An_answer_that_violates_the_protocol_is_Protocol()
    {
        using UploadRig rig = Rig();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.ReceivedContentRange("9999"), occurrence: 2);
        Assert.That(await ReasonOfAsync<BitsProtocolException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Protocol));
    }

    [Test]
    public async Task A_broken_or_insecure_connection_is_Network()
    {
        Exception[] causes =
        [
            new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused."),
            new IOException("The connection broke."),
            new HttpRequestException(HttpRequestError.SecureConnectionError, "No TLS.", new AuthenticationException("Expired.")),
        ];
        foreach (Exception cause in causes)
        {
            using UploadRig rig = Rig(handler: Throwing(cause));
            Assert.That(await ReasonOfAsync<BitsUploadException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Network), cause.Message);
        }
    }

    [Test]
    public async Task A_silent_server_is_Timeout()
    {
        using UploadRig rig = Rig();
        BitsGate unanswered = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await unanswered.ReachedByAsync(running);
        await rig.Time.WhenArmed(new BitsUploadOptions().ResponseTimeout);
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        Assert.That(() => running, Throws.TypeOf<BitsUploadException>().With.Property("Reason").EqualTo(BitsFailureReason.Timeout));
    }

    [Test]
    public async Task The_timeout_of_the_HttpClient_is_Timeout()
    {
        using UploadRig rig = Rig(handler: Throwing(new TaskCanceledException("Canceled.", new TimeoutException("100 seconds."))));
        Assert.That(await ReasonOfAsync<BitsUploadException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Timeout));
    }

    [Test]
    public async Task An_upload_that_fails_until_NoProgressTimeout_is_NoProgress_and_the_last_failure_keeps_its_own_reason()
    {
        using UploadRig rig = Rig(
            options => options.Retry = new BitsRetryOptions { MaxRetries = int.MaxValue },
            Throwing(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused.")));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadStalledException e = Assert.ThrowsAsync<BitsUploadStalledException>(() => job.RunAsync())!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.NoProgress));
        Assert.That(((BitsUploadException)e.InnerException!).Reason, Is.EqualTo(BitsFailureReason.Network));
    }

    [Test]
    public async Task A_source_that_cannot_be_read_is_Source()
    {
        using UploadRig rig = Rig();
        using UnreadableStream stream = new(rig.File);
        IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Assert.That(await ReasonOfAsync<BitsUploadException>(job), Is.EqualTo(BitsFailureReason.Source));
    }

    [Test]
    public async Task A_source_that_cannot_be_read_when_an_upload_is_resumed_is_Source()
    {
        using UploadRig rig = Rig();
        using UnreadableStream stream = new(rig.File);
        BitsSourceFingerprint hashed = new() { Length = rig.File.Length, PrefixLength = 1000, PrefixSha256 = new string('0', 64) };
        IBitsUploadJob job = rig.Client.ResumeJob(Checkpoint() with { Source = hashed }, BitsUploadSource.FromStream(stream));
        Assert.That(await ReasonOfAsync<BitsUploadException>(job), Is.EqualTo(BitsFailureReason.Source));
        Assert.That(rig.Packets(), Is.Empty);
    }

    [Test]
    public void A_source_that_has_changed_is_Source()
    {
        using UploadRig rig = Rig();
        Assert.That(
            () => rig.Client.ResumeJob(Checkpoint(), BitsUploadSource.FromMemory(new byte[9999])),
            Throws.TypeOf<BitsSourceChangedException>().With.Property("Reason").EqualTo(BitsFailureReason.Source));
    }

    [Test]
    public async Task A_reply_that_cannot_be_written_is_Reply()
    {
        using FarmRig rig = ReplyRig();
        IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(new UnwritableStream()));
        Assert.That(await ReasonOfAsync<BitsUploadException>(job), Is.EqualTo(BitsFailureReason.Reply));
    }

    [Test]
    public async Task A_reply_that_is_not_written_within_ResponseTimeout_is_Reply()
    {
        using FarmRig rig = ReplyRig();
        using HangingStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        Task<BitsUploadResult> running = job.RunAsync();
        await stream.Writing.Task;
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        stream.Release.SetResult();
        Assert.That(() => running, Throws.TypeOf<BitsUploadException>().With.Property("Reason").EqualTo(BitsFailureReason.Reply));
    }

    [Test]
    public async Task A_reply_that_ends_too_early_is_Reply()
    {
        using FarmRig rig = ReplyRig(Alteration.OfReplies(response =>
        {
            response.Content = new StreamContent(new MemoryStream(new byte[100]));
            response.Content.Headers.ContentLength = 500;
        }));
        using MemoryStream stream = new();
        IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream));
        Assert.That(await ReasonOfAsync<BitsUploadException>(job), Is.EqualTo(BitsFailureReason.Reply));
    }

    [Test]
    public async Task A_PrepareRequest_that_throws_is_Hook()
    {
        using UploadRig rig = Rig(options => options.PrepareRequest = (_, _) => throw new HttpRequestException("No token."));
        Assert.That(await ReasonOfAsync<BitsUploadException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Hook));
    }

    [Test]
    public async Task A_PrepareRequest_that_does_not_return_in_time_is_Hook()
    {
        TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource never = new();
        using UploadRig rig = Rig(options => options.PrepareRequest = async (_, _) =>
        {
            called.TrySetResult();
            await never.Task;
        });
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await called.Task;
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        Assert.That(() => running, Throws.TypeOf<BitsUploadException>().With.Property("Reason").EqualTo(BitsFailureReason.Hook));
    }

    [Test]
    public async Task A_request_that_the_HttpClient_or_its_handler_refuses_is_Handler()
    {
        Exception[] causes =
        [
            new HttpRequestException("Refused.", new NotSupportedException("No such version.")),
            new HttpRequestException("Refused.", new InvalidOperationException("No such scheme.")),
            new ArithmeticException("A handler failed."),
        ];
        foreach (Exception cause in causes)
        {
            using UploadRig rig = Rig(handler: Throwing(cause));
            Assert.That(await ReasonOfAsync<BitsUploadException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Handler), cause.Message);
        }
    }

    [Test]
    public async Task A_strategy_that_fails_is_Pipeline()
    {
        using UploadRig rig = Rig(options => options.Retry.ConfigurePipeline = pipeline =>
            pipeline.AddStrategy(_ => new Strategy(_ => throw new InvalidOperationException("Open.")), new StrategyOptions()));
        Assert.That(await ReasonOfAsync<BitsUploadException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Pipeline));
    }

    [Test]
    public async Task A_strategy_that_sends_a_packet_twice_is_Pipeline()
    {
        using UploadRig rig = Rig(options => options.Retry.ConfigurePipeline = pipeline =>
            pipeline.AddStrategy(
                _ => new Strategy(async send =>
                {
                    await send();
                    await send();
                }),
                new StrategyOptions()));
        Assert.That(await ReasonOfAsync<BitsUploadException>(rig.CreateJob()), Is.EqualTo(BitsFailureReason.Pipeline));
    }

    [Test]
    public async Task A_store_that_knows_another_session_is_Store()
    {
        RecordingStore store = new();
        using UploadRig rig = Rig(options => options.CheckpointStore = store);
        BitsUploadCheckpoint checkpoint = Checkpoint();
        await store.SaveAsync(checkpoint with { SessionId = "another" });
        IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(rig.File));
        Assert.That(await ReasonOfAsync<BitsUploadException>(job), Is.EqualTo(BitsFailureReason.Store));
        Assert.That(rig.Packets(), Is.Empty);
    }

    private static async Task<BitsFailureReason> ReasonOfAsync<TException>(IBitsUploadJob job)
        where TException : BitsUploadException
    {
        await using (job)
        {
            return Assert.ThrowsAsync<TException>(() => job.RunAsync())!.Reason;
        }
    }

    private static BitsUploadCheckpoint Checkpoint() => new()
    {
        Id = Guid.NewGuid(),
        Url = UploadRig.Url,
        SessionId = "id",
        BytesAcknowledged = 1000,
        BytesTotal = 10_000,
    };

    // Without retries, so that the first failure ends the upload.
    private static UploadRig Rig(Action<BitsUploadOptions>? configure = null, DelegatingHandler? handler = null)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, Retry = { MaxRetries = 0 } };
        configure?.Invoke(options);
        return new UploadRig(options: options, handlers: handler is null ? [] : [handler]);
    }

    private static FarmRig ReplyRig(params DelegatingHandler[] handlers) => new(
        new BitsTestServerOptions { Reply = _ => UploadRig.Bytes(500) }, new BitsUploadOptions { Retry = { MaxRetries = 0 } }, handlers);

    private static Interception Throwing(Exception cause) => new(_ => Task.FromException<HttpResponseMessage?>(cause));

    private sealed class UnreadableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is gone.");
    }

    private sealed class UnwritableStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("The disk is full.");
    }

    private sealed class HangingStream : MemoryStream
    {
        public TaskCompletionSource Writing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writing.TrySetResult();
            await Release.Task;
        }
    }

    private sealed class StrategyOptions : ResilienceStrategyOptions;

    private sealed class Strategy(Func<Func<Task>, Task> wrap) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            Outcome<TResult> outcome = default;
            try
            {
                await wrap(async () => outcome = await callback(context, state));
                return outcome;
            }
            catch (Exception e)
            {
                return Outcome.FromException<TResult>(e);
            }
        }
    }
}
