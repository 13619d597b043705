using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Sessions;

/// <summary>
/// How the continuation of a saved upload ends if the bytes that were already sent cannot be read to compare them with their hash.
/// </summary>
public sealed class SavedUploadTests
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromMinutes(7);

    [Test]
    public async Task A_source_that_hangs_cannot_be_read()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig);
        TaskCompletionSource hangs = new();
        Task armed = rig.Time.WhenArmed(StallTimeout);
        Task continuing = ContinueAsync(rig, checkpoint, _ => hangs.Task);
        await Task.WhenAny(armed, continuing);
        rig.Time.Advance(StallTimeout);
        Assert.That(
            () => continuing,
            Throws.TypeOf<IOException>().With.Message.EqualTo("The source cannot be read: no byte was read for 7 minutes.")
                .And.InnerException.TypeOf<TimeoutException>());
        hangs.SetResult();
    }

    [Test]
    public async Task A_source_that_cancels_its_own_read_cannot_be_read()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig);
        Assert.That(
            () => ContinueAsync(rig, checkpoint, _ => throw new OperationCanceledException("The share is gone.")),
            Throws.TypeOf<IOException>().With.Message.EqualTo("The source cannot be read: The share is gone."));
    }

    [Test]
    public async Task Any_other_failure_of_a_source_is_thrown_as_it_is()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig);
        Assert.That(
            () => ContinueAsync(rig, checkpoint, _ => throw new UnauthorizedAccessException("No access.")),
            Throws.TypeOf<UnauthorizedAccessException>().With.Message.EqualTo("No access."));
    }

    [Test]
    public async Task A_token_that_fires_during_a_read_keeps_the_session()
    {
        using UploadRig rig = Rig();
        using CancellationTokenSource stop = new();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig);
        Assert.That(
            () => ContinueAsync(rig, checkpoint, HangAsync, stop.Token),
            Throws.TypeOf<BitsUploadCanceledException>().With.Property("Outcome").EqualTo(BitsCancelOutcome.SessionKept));

        async Task HangAsync(CancellationToken cancellationToken)
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    [Test]
    public async Task A_token_does_not_hide_another_failure()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig);
        BitsJobOptions unusable = new() { Headers = new Dictionary<string, string> { ["Host"] = "another" } };
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(
                checkpoint, BitsUploadSource.FromMemory(rig.File), options: unusable,
                cancellationToken: new CancellationToken(canceled: true)),
            Throws.ArgumentException.With.Message.Contains("The header 'Host'"));
    }

    private static Task<IBitsUploadJob> ContinueAsync(
        UploadRig rig, BitsUploadCheckpoint checkpoint, Func<CancellationToken, Task> onRead,
        CancellationToken cancellationToken = default) =>
        rig.Client.CreateOrResumeJobAsync(
            checkpoint, BitsUploadSource.FromStream(new WatchedStream(rig.File, onRead)), cancellationToken: cancellationToken);

    // The checkpoint of an upload that failed at its fifth fragment.
    private static async Task<BitsUploadCheckpoint> FailAsync(UploadRig rig)
    {
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 5);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        Assert.That(job.Checkpoint!.Source!.PrefixLength, Is.Positive);

        // A timer of this job may still be there, and would be mistaken for one that is awaited.
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        return job.Checkpoint;
    }

    private static UploadRig Rig() =>
        new(options: new BitsUploadOptions { FixedFragmentSize = 1000, ComputeSha256 = true, StallTimeout = StallTimeout });

    private sealed class WatchedStream(byte[] bytes, Func<CancellationToken, Task> onRead) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await onRead(cancellationToken);
            return Read(buffer.Span);
        }
    }
}
