using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>Before the last byte is sent, the source is checked once more, and a cancel can still hold back that byte.</summary>
public sealed class LastByteTests
{
    [Test]
    public async Task A_source_that_changed_before_the_last_byte_is_never_completed()
    {
        using UploadRig rig = new();
        CheckedStream stream = new(rig.File) { GrowsAtEnd = true };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsSourceChangedException>().With.Message.Contains("10001 bytes now"));
        Assert.That(rig.Server.Sessions.Single().Received, Is.EqualTo(9000));
        Assert.That(job.Checkpoint!.MayBeComplete, Is.False);
    }

    [Test]
    public async Task A_cancel_during_the_check_holds_back_the_last_byte([Values] bool changed)
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        CheckedStream stream = new(rig.File) { GrowsAtEnd = changed, OnLastCheck = cancel.Cancel };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Assert.That(
            () => job.RunAsync(cancellationToken: cancel.Token),
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.Sessions.Single().Received, Is.EqualTo(9000));
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "The content that fails ends its request at once there, maybe before the cancel.")]
    public async Task A_cancel_after_the_check_failed_waits_for_no_ack()
    {
        using Clinging network = new();
        using UploadRig rig = new(handlers: network);
        CheckedStream stream = new(rig.File) { GrowsAtEnd = true };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(network.BodyFailed.Task, running);
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        try
        {
            await Soon.EndsAsync(running, "The run");
        }
        finally
        {
            network.Release.SetResult();
        }

        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
    }

    /// <summary>Keeps a request whose body failed in flight, until its token fires or the test ends.</summary>
    private sealed class Clinging : DelegatingHandler
    {
        public TaskCompletionSource BodyFailed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (Exception) when (request.Content is not null)
            {
                BodyFailed.TrySetResult();
                await Release.Task.WaitAsync(cancellationToken);
                throw;
            }
        }
    }

    /// <summary>Notices when it is asked for its length after its last byte was read.</summary>
    private sealed class CheckedStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly int _last = bytes.Length;
        private bool _wasRead;

        public bool GrowsAtEnd { get; init; }

        public Action OnLastCheck { get; init; } = static () => { };

        public override long Length
        {
            get
            {
                if (!_wasRead)
                {
                    return _last;
                }

                OnLastCheck();
                return GrowsAtEnd ? _last + 1 : _last;
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = Read(buffer.Span);
            _wasRead |= Position == _last;
            return ValueTask.FromResult(read);
        }
    }
}
