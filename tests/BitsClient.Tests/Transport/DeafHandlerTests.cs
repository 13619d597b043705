using BitsClient.Tests.Support;
using BitsClient.Transport;

namespace BitsClient.Tests.Transport;

/// <summary>A handler that ignores its token delays neither a limit nor a cancel for longer than a second.</summary>
public sealed class DeafHandlerTests
{
    private static readonly BitsUploadOptions Options = new()
    {
        FixedFragmentSize = 1000,
        ResponseTimeout = TimeSpan.FromMinutes(5),
        CancelTimeout = TimeSpan.FromSeconds(30),
        Retry = { MaxRetries = 0 },
    };

    [Test]
    public async Task A_cancel_ends_and_if_nothing_was_written_nothing_was_started()
    {
        DeafHandler deaf = new(writes: false);
        using UploadRig rig = new(options: Options, handlers: deaf);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await deaf.Begun.Task;
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await rig.Time.WhenArmed(RequestInFlight.Grace);
        rig.Time.Advance(RequestInFlight.Grace);
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.NotStarted));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    [Test]
    public async Task A_limit_ends_it_and_the_late_response_is_disposed_of()
    {
        DeafHandler deaf = new(writes: true);
        using UploadRig rig = new(options: Options, handlers: deaf);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await deaf.Begun.Task;
        rig.Time.Advance(Options.ResponseTimeout);
        await rig.Time.WhenArmed(RequestInFlight.Grace);
        rig.Time.Advance(RequestInFlight.Grace);
        BitsUploadException e = Assert.ThrowsAsync<BitsUploadException>(() => running)!;
        Assert.That(e.Reason, Is.EqualTo(BitsFailureReason.Timeout));

        deaf.Free.SetResult();
        await deaf.Response.Disposed.Task;
    }

    [Test]
    public async Task What_was_abandoned_is_not_written_anymore()
    {
        DeafHandler deaf = new(writes: false);
        using UploadRig rig = new(options: Options, handlers: deaf);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await deaf.Begun.Task;
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await rig.Time.WhenArmed(RequestInFlight.Grace);
        Assert.That(() => deaf.Request!.Content!.CopyToAsync(Stream.Null), Throws.InstanceOf<OperationCanceledException>());
        rig.Time.Advance(RequestInFlight.Grace);
        await canceling;
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
    }

    /// <summary>Answers once the test lets it, whatever the token says.</summary>
    private sealed class DeafHandler(bool writes) : DelegatingHandler
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Free { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WatchedResponse Response { get; } = new();

        public HttpRequestMessage? Request { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = request;
            if (writes)
            {
                await request.Content!.CopyToAsync(Stream.Null, CancellationToken.None);
            }

            Begun.SetResult();
            await Free.Task;
            return Response;
        }
    }

    private sealed class WatchedResponse : HttpResponseMessage
    {
        public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Disposed.TrySetResult();
        }
    }
}
