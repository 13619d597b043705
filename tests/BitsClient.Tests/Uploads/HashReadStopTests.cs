using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A read that only the hash needs and that ignores its token does not delay a cancel.</summary>
public sealed class HashReadStopTests
{
    [Test]
    public async Task Before_any_packet_while_the_sent_bytes_are_compared()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig, BitsPacketNames.Fragment);
        Assert.That(checkpoint.Source!.PrefixLength, Is.Positive);
        await AssertStopsAsync(rig, checkpoint, BitsCancelOutcome.SessionCanceled);
    }

    [Test]
    public async Task Before_a_fragment_while_bytes_missing_from_the_hash_are_read()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig, BitsPacketNames.Fragment);
        await AssertStopsAsync(rig, WithoutHash(checkpoint), BitsCancelOutcome.SessionCanceled);
    }

    [Test]
    public async Task Before_Close_Session_while_the_whole_file_is_read()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint checkpoint = await FailAsync(rig, BitsPacketNames.CloseSession);
        await AssertStopsAsync(rig, WithoutHash(checkpoint), BitsCancelOutcome.AlreadyCompleted);
    }

    private static async Task AssertStopsAsync(UploadRig rig, BitsUploadCheckpoint checkpoint, BitsCancelOutcome outcome)
    {
        DeafStream stream = new(rig.File);
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromStream(stream));
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(stream.Reading.Task, running);
        Assert.That(stream.Reading.Task.IsCompleted, "the hash needs bytes");
        try
        {
            Assert.That(await Soon.ResultOfAsync(job.CancelAsync(), "The cancel"), Is.EqualTo(outcome));
            Assert.That((await stream.Reading.Task).IsCancellationRequested, "a read that observes its token is canceled");
        }
        finally
        {
            stream.Release.SetResult();
        }

        await Task.WhenAny(running);
        Assert.That(running.IsCompletedSuccessfully, Is.EqualTo(outcome is BitsCancelOutcome.AlreadyCompleted));
    }

    private static BitsUploadCheckpoint WithoutHash(BitsUploadCheckpoint checkpoint) =>
        checkpoint with { Source = checkpoint.Source! with { PrefixLength = 0, PrefixSha256 = null } };

    // The checkpoint of an upload that failed at this packet: at the fifth fragment, or at Close-Session.
    private static async Task<BitsUploadCheckpoint> FailAsync(UploadRig rig, string packetType)
    {
        rig.Server.Inject(packetType, new BitsFault.Answer(403), occurrence: packetType == BitsPacketNames.Fragment ? 5 : 1);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        return job.Checkpoint!;
    }

    private static UploadRig Rig() => new(options: new BitsUploadOptions { FixedFragmentSize = 1000, ComputeSha256 = true });

    private sealed class DeafStream(byte[] bytes) : MemoryStream(bytes)
    {
        public TaskCompletionSource<CancellationToken> Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reading.TrySetResult(cancellationToken);
            await Release.Task;
            return Read(buffer.Span);
        }
    }
}
