using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Persistence;

/// <summary>
/// A session can be canceled although the store cannot be read. The stored checkpoint is kept, because it may belong to a later session.
/// </summary>
public sealed class UnreadableStoreTests
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(5);

    [Test]
    public async Task A_checkpoint_that_cannot_be_read_is_not_deleted([Values] bool byJob, [Values] bool hangs)
    {
        UnreadableStore store = new();
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 3);
        await using (IBitsUploadJob failing = rig.CreateJob())
        {
            Assert.That(() => failing.RunAsync(), Throws.TypeOf<BitsServerException>());
        }

        // A timer of the first job may still be there, and would be mistaken for the one awaited below.
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        BitsUploadCheckpoint stored = store.Inner.Only!;
        TaskCompletionSource<BitsUploadCheckpoint?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        store.OnLoad = () => hangs ? answer.Task : throw new IOException("The store cannot be read.");
        await using IBitsUploadJob unrun = rig.Client.ResumeJob(stored, BitsUploadSource.FromMemory(rig.File));
        Task<BitsCancelOutcome> canceling = byJob ? unrun.CancelAsync() : rig.Client.CancelSessionAsync(stored);
        if (hangs)
        {
            await Task.WhenAny(rig.Time.WhenArmed(LongestCall), canceling);
            rig.Time.Advance(LongestCall);
        }

        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
        Assert.That(store.Inner.Calls, Does.Not.Contain("delete"));
        Assert.That(store.Inner.Only, Is.EqualTo(stored));
        Assert.That(
            rig.Logs.Entries.Where(entry => entry.Level is LogLevel.Warning).Select(entry => entry.Text),
            Has.One.Contains("The checkpoint store cannot be used"));
        answer.TrySetResult(null);
    }

    private sealed class UnreadableStore : IBitsCheckpointStore
    {
        public RecordingStore Inner { get; } = new();

        /// <summary>Replaces each load: throws, or does not answer.</summary>
        public Func<Task<BitsUploadCheckpoint?>>? OnLoad { get; set; }

        public ValueTask<IAsyncDisposable> LockAsync(Guid id, CancellationToken cancellationToken = default) =>
            Inner.LockAsync(id, cancellationToken);

        public ValueTask SaveAsync(BitsUploadCheckpoint checkpoint, CancellationToken cancellationToken = default) =>
            Inner.SaveAsync(checkpoint, cancellationToken);

        public ValueTask<BitsUploadCheckpoint?> LoadAsync(Guid id, CancellationToken cancellationToken = default) =>
            OnLoad is null ? Inner.LoadAsync(id, cancellationToken) : new ValueTask<BitsUploadCheckpoint?>(OnLoad());

        public ValueTask DeleteAsync(Guid id, CancellationToken cancellationToken = default) => Inner.DeleteAsync(id, cancellationToken);

        public ValueTask<IReadOnlyList<BitsStoredCheckpoint>> ListAsync(CancellationToken cancellationToken = default) =>
            Inner.ListAsync(cancellationToken);
    }
}
