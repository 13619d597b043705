using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

public sealed class UploadTests
{
    // 1, F-1, F, F+1 and 3F bytes, with fragments from one byte to 8 MiB.
    [Test]
    public async Task Every_size_arrives_byte_for_byte(
        [Values(1, 1000, 65_536, 8 * 1024 * 1024)] int fragmentSize,
        [Values("1", "F-1", "F", "F+1", "3F")] string size,
        [Values] BitsServerDialect dialect)
    {
        int length = size switch
        {
            "1" => 1,
            "F-1" => Math.Max(1, fragmentSize - 1),
            "F" => fragmentSize,
            "F+1" => fragmentSize + 1,
            _ => 3 * fragmentSize,
        };
        byte[] file = UploadRig.Bytes(length);
        using UploadRig rig = new(dialect, new BitsUploadOptions { FixedFragmentSize = fragmentSize });
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(file), UploadRig.Url);
        BitsUploadResult result = await job.RunAsync();

        Assert.That(rig.Server.GetFile("/upload/file.bin").AsSpan().SequenceEqual(file), Is.True);
        Assert.That(result.Fragments, Is.EqualTo((length + fragmentSize - 1) / fragmentSize), "no empty fragment trails");
        Assert.That(result.BytesTransferred, Is.EqualTo(length));
        Assert.That(result.BytesResent, Is.Zero);
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task Every_fragment_states_its_exact_length_and_the_same_total()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 4096 });
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(
            rig.Server.Dialogue
                .Where(exchange => exchange.PacketType == "Fragment")
                .Select(exchange => $"{exchange.RequestHeader("Content-Length")} {exchange.RequestHeader("Content-Range")}"),
            Is.EqualTo(new[] { "4096 bytes 0-4095/10000", "4096 bytes 4096-8191/10000", "1808 bytes 8192-9999/10000" }));
    }

    [Test]
    public async Task A_file_is_uploaded_under_its_name_and_closed_afterwards()
    {
        using TemporaryFile file = new(UploadRig.Bytes(2500), "re port.zip");
        using UploadRig rig = new();
        BitsUploadResult result = await rig.Client.UploadFileAsync(file.Path, UploadRig.Url);
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(UploadRig.Bytes(2500)));
        Assert.That(rig.Server.Dialogue[0].RequestHeader("Content-Name"), Is.EqualTo("re port.zip"));
        Assert.That(result.Url, Is.EqualTo(UploadRig.Url));
        Assert.That(result.SessionId, Is.EqualTo(rig.Server.Sessions.Single().Id));
        Assert.That(() => File.Open(file.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose(), Throws.Nothing);
    }

    [Test]
    public async Task A_stream_is_uploaded_from_its_position_and_disposed_unless_left_open([Values] bool leaveOpen)
    {
        using MemoryStream stream = new(UploadRig.Bytes(5000));
        stream.Position = 1234;
        using UploadRig rig = new();
        await using (IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream, leaveOpen: leaveOpen), UploadRig.Url))
        {
            await job.RunAsync();
        }

        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(UploadRig.Bytes(5000)[1234..]));
        Assert.That(rig.Server.Dialogue[0].RequestHeader("Content-Name"), Is.Null);
        Assert.That(stream.CanRead, Is.EqualTo(leaveOpen));
    }

    [Test]
    public async Task After_a_failure_the_next_run_resumes_at_the_servers_offset()
    {
        using UploadRig rig = new(handlers: Interception.Of("Fragment", System.Net.HttpStatusCode.Forbidden, times: 1, after: 3));
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsServerException>());
        BitsUploadResult result = await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Server.Sessions, Has.Count.EqualTo(1), "the session is the same");
        Assert.That(result.Fragments, Is.EqualTo(10));
    }

    [Test]
    public async Task A_job_runs_once_at_a_time_and_not_again_after_it_completed()
    {
        using UploadRig rig = new();
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.CreateSession);
        await using IBitsUploadJob job = rig.CreateJob();
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Queued));
        Task<BitsUploadResult> running = job.RunAsync();
        await gate.ReachedByAsync(running);
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Connecting));
        Assert.That(() => job.RunAsync(), Throws.InvalidOperationException);
        gate.Release();
        await running;
        Assert.That(job.Status, Is.EqualTo(BitsUploadStatus.Acknowledged));
        Assert.That(() => job.RunAsync(), Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_ping_can_be_canceled()
    {
        using UploadRig rig = new();
        using CancellationTokenSource cancel = new();
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Ping);
        Task pinging = rig.Client.PingAsync(UploadRig.Url, cancel.Token);
        await gate.ReachedByAsync(pinging);
        await cancel.CancelAsync();
        Assert.That(() => pinging, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_ping_opens_no_session()
    {
        using UploadRig rig = new();
        await rig.Client.PingAsync(UploadRig.Url);
        Assert.That(rig.Packets(), Is.EqualTo("Ping"));
        Assert.That(rig.Server.Sessions, Is.Empty);
    }
}
