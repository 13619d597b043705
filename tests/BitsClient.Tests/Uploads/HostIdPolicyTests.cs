using System.ComponentModel;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>A predicate of the caller decides whether the host that a server names is followed. It may fail or block (H2).</summary>
public sealed class HostIdPolicyTests
{
    [TestCase("2130706433", "127.0.0.1")]
    [TestCase("0x7f000001", "127.0.0.1")]
    [TestCase("127.1", "127.0.0.1")]
    [TestCase("0177.0.0.1:80", "127.0.0.1:80", Description = "the port that the server named, also if it is the default")]
    [TestCase("[2001:0DB8::0001]:90", "[2001:db8::1]:90")]
    [TestCase("NODE7.Test", "node7.test")]
    public async Task O3_The_predicate_receives_the_canonical_host_which_is_then_followed(string hostId, string canonical)
    {
        List<string> asked = [];
        using FarmRig rig = Farm(hostId, host =>
        {
            asked.Add(host);
            return true;
        });
        rig.Connect(canonical.EndsWith(":80", StringComparison.Ordinal) ? canonical[..^3] : canonical, rig.Server);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(asked, Is.EqualTo(new[] { canonical }));
        Assert.That(rig.Requests[1], Does.EndWith("Ping"));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
    }

    [TestCase("Follow", nameof(BitsHostIdPolicy.Follow))]
    [TestCase("ignore", nameof(BitsHostIdPolicy.Ignore))]
    public void It_can_be_read_from_a_configuration(string text, string name)
    {
        TypeConverter converter = TypeDescriptor.GetConverter(typeof(BitsHostIdPolicy));
        BitsHostIdPolicy expected = name == nameof(BitsHostIdPolicy.Follow) ? BitsHostIdPolicy.Follow : BitsHostIdPolicy.Ignore;
        Assert.That((converter.CanConvertFrom(typeof(string)), converter.CanConvertFrom(typeof(int))), Is.EqualTo((true, false)));
        Assert.That(converter.ConvertFromInvariantString(text), Is.SameAs(expected));
        Assert.That(
            () => converter.ConvertFromInvariantString("sometimes"),
            Throws.TypeOf<FormatException>().With.Message.Contains("'sometimes'; it must be Follow or Ignore."));
    }

    [Test]
    public async Task A_predicate_that_throws_refuses_the_host_and_the_session_is_canceled()
    {
        using FarmRig rig = Farm("node7", _ => throw new InvalidOperationException("My list is gone."));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsProtocolException>().With.Message.Contains("My list is gone."));
        Assert.That(rig.Requests, Is.EqualTo(new[] { "bits.test Create-Session", "bits.test Cancel-Session" }));
    }

    [Test]
    public async Task A_predicate_that_blocks_refuses_the_host_after_ResponseTimeout()
    {
        using Blockade blockade = new();
        using FarmRig rig = Farm("node7", blockade.Accepts);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await blockade.Reached;
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        Assert.That(() => running, Throws.TypeOf<BitsProtocolException>().With.Message.Contains("did not say in time"));
        Assert.That(rig.Requests, Is.EqualTo(new[] { "bits.test Create-Session", "bits.test Cancel-Session" }));
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_cancel_does_not_wait_longer_than_its_own_limit_for_a_predicate_that_blocks()
    {
        using Blockade blockade = new();
        using FarmRig rig = Farm("node7", blockade.Accepts);
        await using IBitsUploadJob job = rig.CreateJob();
        Task<BitsUploadResult> running = job.RunAsync();
        await blockade.Reached;
        Task<BitsCancelOutcome> canceling = job.CancelAsync();
        await rig.Time.WhenArmed(new BitsUploadOptions().CancelTimeout);
        rig.Time.Advance(new BitsUploadOptions().CancelTimeout);
        Assert.That(await canceling, Is.EqualTo(BitsCancelOutcome.SessionCanceled));
        Assert.That(() => running, Throws.TypeOf<BitsUploadCanceledException>());
        Assert.That(rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task A_saved_upload_is_not_resumed_at_a_host_about_which_a_predicate_does_not_answer()
    {
        using Blockade blockade = new();
        using FarmRig rig = Farm("node7", blockade.Accepts);
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            HostId = "node7",
            SessionId = "id",
            BytesAcknowledged = 1,
            BytesTotal = 3000,
        };
        Task<IBitsUploadJob> resuming = rig.Client.CreateOrResumeJobAsync(checkpoint, BitsUploadSource.FromMemory(rig.File));
        await blockade.Reached;
        await rig.Time.WhenArmed(new BitsUploadOptions().ResponseTimeout);
        rig.Time.Advance(new BitsUploadOptions().ResponseTimeout);
        Assert.That(() => resuming, Throws.ArgumentException.With.Message.Contains("did not say in time"));
    }

    private static FarmRig Farm(string hostId, Func<string, bool> accepts) =>
        new(new BitsTestServerOptions { HostId = hostId }, new BitsUploadOptions { HostIdPolicy = BitsHostIdPolicy.FollowIf(accepts) });

    private sealed class Blockade : IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _end = new();

        public Task Reached => _reached.Task;

        public bool Accepts(string host)
        {
            _reached.SetResult();
            _end.Wait();
            return true;
        }

        // The event itself is left to the garbage collector, because the predicate may still wait for it.
        public void Dispose() => _end.Set();
    }
}
