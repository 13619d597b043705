using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A read that only the hash needs, and that ignores its token, does not hold up a stop.</summary>
public sealed class HashReadStopTests
{
    [Test]
    public async Task Before_any_packet_where_the_bytes_sent_are_compared()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint state = await FailAsync(rig, BitsPacketNames.Fragment);
        Assert.That(state.Source!.PrefixLength, Is.Positive);
        await AssertStopsAsync(rig, state, BitsCancelOutcome.SessionCanceled);
    }

    [Test]
    public async Task Before_a_fragment_where_the_server_has_bytes_that_are_not_in_the_hash()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint state = await FailAsync(rig, BitsPacketNames.Fragment);
        await AssertStopsAsync(rig, WithoutHash(state), BitsCancelOutcome.SessionCanceled);
    }

    [Test]
    public async Task Before_the_close_where_the_server_has_all()
    {
        using UploadRig rig = Rig();
        BitsUploadCheckpoint state = await FailAsync(rig, BitsPacketNames.CloseSession);
        await AssertStopsAsync(rig, WithoutHash(state), BitsCancelOutcome.AlreadyCompleted);
    }

    private static async Task AssertStopsAsync(UploadRig rig, BitsUploadCheckpoint state, BitsCancelOutcome outcome)
    {
        DeafStream stream = new(rig.File);
        await using IBitsUploadJob job = rig.Client.ResumeJob(state, BitsUploadSource.FromStream(stream));
        Task<BitsUploadResult> running = job.RunAsync();
        await Task.WhenAny(stream.Reading.Task, running);
        Assert.That(stream.Reading.Task.IsCompleted, "the hash needs bytes");
        try
        {
            Assert.That(await Soon.ResultOfAsync(job.CancelAsync(), "The cancel"), Is.EqualTo(outcome));
            Assert.That((await stream.Reading.Task).IsCancellationRequested, "a read that listens is ended");
        }
        finally
        {
            stream.Release.SetResult();
        }

        await Task.WhenAny(running);
        Assert.That(running.IsCompletedSuccessfully, Is.EqualTo(outcome is BitsCancelOutcome.AlreadyCompleted));
    }

    private static BitsUploadCheckpoint WithoutHash(BitsUploadCheckpoint state) =>
        state with { Source = state.Source! with { PrefixLength = 0, PrefixSha256 = null } };

    // An upload that failed at the packet, which was the fifth if it was a fragment.
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
