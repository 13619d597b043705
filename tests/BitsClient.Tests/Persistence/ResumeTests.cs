using System.Security.Cryptography;
using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>
/// S2: another process resumes a saved upload with a Ping and a small fragment, at whatever offset the server has.
/// Fragments have 1000 bytes, the smallest 10.
/// </summary>
[TestFixture(BitsServerDialect.McBup)]
[TestFixture(BitsServerDialect.Win32)]
public sealed class ResumeTests(BitsServerDialect dialect)
{
    private static readonly BitsUploadOptions Options = new()
    {
        MinFragmentSize = 10,
        InitialFragmentSize = 1000,
        MaxFragmentSize = 1000,
        ResendPolicy = BitsResendPolicy.Resynchronize,
    };

    private TemporaryFile _place = null!;
    private UploadRig _rig = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new UploadRig(dialect, Options);
        _place = new TemporaryFile(_rig.File);
    }

    [TearDown]
    public void TearDown()
    {
        _rig.Server.AssertNoViolations();
        _rig.Dispose();
        _place.Dispose();
    }

    [Test]
    public async Task S2_An_upload_resumes_at_the_servers_offset_with_a_Ping_and_a_smallest_fragment(
        [Values("memory", "stream", "file")] string source, [Values(0, 10, 2000, 4990, 5000)] long saved)
    {
        // The server has 5000 bytes; the checkpoint was saved then, or earlier.
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000, source) with { BytesAcknowledged = saved, BytesSentAtMost = null };
        (int before, BitsUploadResult result) = await ResumeAsync(checkpoint, Source(source));
        string[] expected = ["Ping", .. Enumerable.Repeat("Fragment", result.Fragments), "Close-Session"];
        Assert.That(PacketsFrom(before).Where(packet => packet != "Fragment (416)"), Is.EqualTo(expected));
        Assert.That(FragmentsFrom(before).First(), Is.EqualTo($"bytes {saved}-{saved + 9}/10000"));
        Assert.That(
            FragmentsFrom(before).ElementAt(1),
            Does.StartWith($"bytes {(saved < 5000 ? 5000 : 5010)}-"),
            "one small fragment finds the server's offset");
        Assert.That(result.SessionId, Is.EqualTo(checkpoint.SessionId));
        Assert.That(BytesFrom(before), Is.InRange(5000, 5010), "no more than a smallest fragment is sent again");
    }

    [Test]
    public async Task S2_A_session_without_bytes_on_the_server_resumes_at_0()
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(0) with { BytesSentAtMost = null };
        (int before, _) = await ResumeAsync(checkpoint, Source());
        Assert.That(FragmentsFrom(before).First(), Is.EqualTo("bytes 0-9/10000"));
        Assert.That(BytesFrom(before), Is.EqualTo(10_000));
    }

    [Test]
    public async Task S2_Bytes_that_the_server_lost_are_sent_again_from_its_offset()
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(3000) with { BytesAcknowledged = 7000, BytesSentAtMost = null };
        (int before, _) = await ResumeAsync(checkpoint, Source());
        Assert.That(FragmentsFrom(before).Take(2).Select(range => range!.Split('-')[0]), Is.EqualTo(new[] { "bytes 7000", "bytes 3000" }));
    }

    [Test]
    public async Task S2_A_complete_file_is_only_closed()
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(10_000);
        Assert.That((checkpoint.BytesAcknowledged, checkpoint.MayBeComplete), Is.EqualTo((10_000, true)));
        (int before, BitsUploadResult result) = await ResumeAsync(checkpoint, Source());
        Assert.That(PacketsFrom(before), Is.EqualTo(new[] { "Ping", "Close-Session" }));
        Assert.That(result.BytesTransferred, Is.EqualTo(10_000));
    }

    [Test]
    public async Task S2_A_file_that_turns_out_to_be_complete_is_closed_after_one_smallest_fragment()
    {
        // The last ack was lost.
        BitsUploadCheckpoint checkpoint = await FailAtAsync(10_000) with { BytesAcknowledged = 9000 };
        (int before, _) = await ResumeAsync(checkpoint, Source());
        Assert.That(BytesFrom(before), Is.EqualTo(10));
        Assert.That(PacketsFrom(before)[^1], Is.EqualTo("Close-Session"));
    }

    [Test]
    public async Task S2_A_session_that_the_server_lost_is_replaced()
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000);
        await _rig.Client.CancelSessionAsync(checkpoint);
        (int before, BitsUploadResult result) = await ResumeAsync(checkpoint, Source());
        Assert.That(
            PacketsFrom(before).Take(3),
            Is.EqualTo(new[] { "Ping", "Fragment", "Create-Session" }).Or.EqualTo(new[] { "Ping", "Fragment (500)", "Create-Session" }));
        Assert.That(result.SessionId, Is.Not.EqualTo(checkpoint.SessionId));
    }

    [Test]
    public async Task S2_A_session_marked_NeedsNewSession_is_canceled_and_replaced()
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000) with { NeedsNewSession = true };
        (int before, BitsUploadResult result) = await ResumeAsync(checkpoint, Source());
        Assert.That(PacketsFrom(before).Take(3), Is.EqualTo(new[] { "Cancel-Session", "Create-Session", "Fragment" }));
        Assert.That(result.SessionId, Is.Not.EqualTo(checkpoint.SessionId));
        Assert.That(_rig.Server.OpenSessionCount, Is.Zero);
    }

    [Test]
    public async Task S2_The_Ping_and_all_other_packets_go_to_the_host_that_the_server_named()
    {
        using FarmRig farm = new(
            new BitsTestServerOptions { Dialect = dialect, HostId = "node-2" }, new BitsUploadOptions { FixedFragmentSize = 1000 });
        farm.Connect("node-2", farm.Server);
        farm.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob failing = farm.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => failing.RunAsync())!;
        int before = farm.Requests.Count;
        await using IBitsUploadJob job = farm.Client.ResumeJob(Restarted(e.Checkpoint!), BitsUploadSource.FromMemory(farm.File));
        await job.RunAsync();
        Assert.That(
            farm.Requests.Skip(before),
            Is.EqualTo(new[] { "node-2 Ping", "node-2 Fragment", "node-2 Fragment", "node-2 Close-Session" }));
    }

    [Test]
    public async Task O3_The_policy_sees_the_canonical_host_of_a_checkpoint_too()
    {
        List<string> asked = [];
        using HttpClient http = new();
        BitsUploadClient client = new(http, new BitsUploadOptions
        {
            HostIdPolicy = BitsHostIdPolicy.FollowIf(host =>
            {
                asked.Add(host);
                return true;
            }),
        });
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            SessionId = "id",
            HostId = "2130706433:90",
            BytesAcknowledged = 0,
            BytesTotal = 3,
        };
        await using IBitsUploadJob job = client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(new byte[3]));
        Assert.That(asked, Is.EqualTo(new[] { "127.0.0.1:90" }));
    }

    [Test]
    public void S2_A_host_that_the_policy_does_not_accept_is_refused()
    {
        using HttpClient http = new();
        BitsUploadClient client = new(http, new BitsUploadOptions { HostIdPolicy = BitsHostIdPolicy.FollowIf(host => host == "node-1") });
        BitsUploadCheckpoint checkpoint = new()
        {
            Url = UploadRig.Url,
            SessionId = "id",
            HostId = "node-2",
            BytesAcknowledged = 0,
            BytesTotal = 3,
        };
        Assert.That(
            () => client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(new byte[3])),
            Throws.ArgumentException.With.Message.StartsWith("The session is on the host 'node-2': the HostIdPolicy does not accept it."));
        Assert.That(
            () => client.ResumeJob(checkpoint with { HostId = "node-1" }, BitsUploadSource.FromMemory(new byte[3])),
            Throws.Nothing);
    }

    [Test]
    public async Task S2_When_host_ids_are_ignored_so_is_the_host_of_a_saved_session()
    {
        using FarmRig farm = new(new BitsTestServerOptions { Dialect = dialect, HostId = "node-2" });
        farm.Connect("node-2", farm.Server);
        farm.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob failing = farm.CreateJob();
        BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => failing.RunAsync())!;
        List<string> hosts = [];
        using HttpClient http = new(
            new Alteration((request, _) => hosts.Add(request.RequestUri!.Host)) { InnerHandler = farm.Server.CreateHandler() });
        BitsUploadClient client = new(http, new BitsUploadOptions { FixedFragmentSize = 1000, HostIdPolicy = BitsHostIdPolicy.Ignore });
        await using IBitsUploadJob job = client.ResumeJob(Restarted(e.Checkpoint!), BitsUploadSource.FromMemory(farm.File));
        await job.RunAsync();
        Assert.That(hosts, Has.Count.EqualTo(5).And.All.EqualTo("bits.test"));
    }

    [Test]
    public async Task S2_A_pending_reply_is_downloaded_and_the_session_closed()
    {
        byte[] answer = UploadRig.Bytes(500);
        using FarmRig farm = new(
            new BitsTestServerOptions { Dialect = dialect, Reply = _ => answer }, new BitsUploadOptions { FixedFragmentSize = 1000 });
        farm.Server.Inject(BitsPacketNames.ReplyDownload, new BitsFault.Answer(403));
        using MemoryStream none = new();
        await using IBitsUploadJob failing = farm.CreateJob(reply: BitsReplyTarget.ToStream(none));
        BitsUploadCheckpoint checkpoint = Restarted(Assert.ThrowsAsync<BitsServerException>(() => failing.RunAsync())!.Checkpoint!);
        Assert.That(checkpoint.ReplyUrl, Is.Not.Null);
        int before = farm.Requests.Count;
        using MemoryStream reply = new();
        await using IBitsUploadJob job = farm.Client.ResumeJob(
            checkpoint, BitsUploadSource.FromMemory(farm.File), BitsReplyTarget.ToStream(reply, leaveOpen: true));
        await job.RunAsync();
        Assert.That(reply.ToArray(), Is.EqualTo(answer));
        Assert.That(farm.Requests.Skip(before), Is.EqualTo(new[] { "bits.test Ping", "bits.test GET", "bits.test Close-Session" }));
    }

    [Test]
    public void A_checkpoint_of_an_https_upload_whose_reply_is_in_clear_is_not_valid()
    {
        BitsUploadCheckpoint checkpoint = States.Full with { ReplyUrl = new Uri("http://bits.test/replies/1") };
        Assert.That(
            () => _rig.Client.ResumeJob(
                checkpoint, BitsUploadSource.FromMemory(_rig.File), BitsReplyTarget.ToStream(new MemoryStream())),
            Throws.ArgumentException.With.Message.Contains("reply URL is relative or not allowed"));
    }

    [TestCase("http://evil.test/reply")]
    [TestCase("http://bits.test:8080/reply")]
    public async Task O2_A_checkpoint_whose_reply_is_on_another_origin_is_refused(string reply)
    {
        using FarmRig farm = new(
            new BitsTestServerOptions { Dialect = dialect, Reply = _ => [1] }, new BitsUploadOptions { FixedFragmentSize = 1000 });
        farm.Server.Inject(BitsPacketNames.ReplyDownload, new BitsFault.Answer(403));
        await using IBitsUploadJob failing = farm.CreateJob(reply: BitsReplyTarget.ToStream(new MemoryStream()));
        BitsUploadCheckpoint checkpoint = Restarted(Assert.ThrowsAsync<BitsServerException>(() => failing.RunAsync())!.Checkpoint!);
        Assert.That(
            () => farm.Client.ResumeJob(
                checkpoint with { ReplyUrl = new Uri(reply) }, BitsUploadSource.FromMemory(farm.File),
                BitsReplyTarget.ToStream(new MemoryStream())),
            Throws.ArgumentException.With.Message.Contains(reply).And.Message.Contains("AllowReplyFromAnyOrigin"));
    }

    [TestCase("longer")]
    [TestCase("shorter")]
    [TestCase("written to")]
    public async Task S2_A_changed_file_is_refused_at_once_and_no_packet_is_sent(string change)
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000, "file");
        int before = _rig.Server.Dialogue.Count;
        switch (change)
        {
            case "longer":
                await File.AppendAllTextAsync(_place.Path, "x");
                break;
            case "shorter":
                await File.WriteAllBytesAsync(_place.Path, _rig.File[1..]);
                break;
            default:
                File.SetLastWriteTimeUtc(_place.Path, checkpoint.Source!.LastWriteTime!.Value.UtcDateTime.AddTicks(10_000));
                break;
        }

        BitsSourceChangedException e = Assert.Throws<BitsSourceChangedException>(
            () => _rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(_place.Path)))!;
        Assert.That(e.Checkpoint, Is.EqualTo(checkpoint), "the session can still be canceled");
        Assert.That(_rig.Server.Dialogue, Has.Count.EqualTo(before));
    }

    [TestCase(1)]
    [TestCase(-1)]
    public async Task S2_Memory_and_streams_of_another_length_are_refused_too(int more)
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000);
        byte[] other = UploadRig.Bytes(10_000 + more);
        using MemoryStream stream = new(other);
        Assert.That(
            () => _rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromMemory(other)),
            Throws.TypeOf<BitsSourceChangedException>());
        Assert.That(
            () => _rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromStream(stream)),
            Throws.TypeOf<BitsSourceChangedException>());
        Assert.That(
            () => _rig.Client.ResumeJob(checkpoint with { Source = null }, BitsUploadSource.FromMemory(other)),
            Throws.TypeOf<BitsSourceChangedException>(),
            "the length alone is known");
        Assert.That(stream.CanRead, Is.False, "the stream is released");
    }

    [Test]
    public async Task S2_Changed_bytes_with_the_same_length_and_time_are_refused_by_their_hash()
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000, "file");
        string prefix = Convert.ToHexString(SHA256.HashData(_rig.File.AsSpan(0, 5000))).ToLowerInvariant();
        checkpoint = checkpoint with { Source = checkpoint.Source! with { PrefixLength = 5000, PrefixSha256 = prefix } };
        DateTime written = File.GetLastWriteTimeUtc(_place.Path);
        byte[] edited = [.. _rig.File];
        edited[4999]++;
        await File.WriteAllBytesAsync(_place.Path, edited);
        File.SetLastWriteTimeUtc(_place.Path, written);

        int before = _rig.Server.Dialogue.Count;
        await using (IBitsUploadJob job = _rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(_place.Path)))
        {
            Assert.That(() => job.RunAsync(), Throws.TypeOf<BitsSourceChangedException>());
        }

        Assert.That(_rig.Server.Dialogue, Has.Count.EqualTo(before));
        await File.WriteAllBytesAsync(_place.Path, _rig.File);
        File.SetLastWriteTimeUtc(_place.Path, written);
        await ResumeAsync(checkpoint, Source("file"));
    }

    [Test]
    public async Task R22_A_missing_password_does_not_cost_the_session([Values(401, 403)] int status)
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000);
        _rig.Server.Inject(BitsPacketNames.Ping, new BitsFault.Answer(status) { Ack = false });
        await using (IBitsUploadJob refused = _rig.Client.ResumeJob(checkpoint, Source()))
        {
            BitsUploadException e = Assert.ThrowsAsync<BitsServerException>(() => refused.RunAsync())!;
            Assert.That(e.Checkpoint!.BytesAcknowledged, Is.EqualTo(5000));
        }

        Assert.That((await ResumeAsync(checkpoint, Source())).Result.SessionId, Is.EqualTo(checkpoint.SessionId));
    }

    [Test]
    public async Task R22_A_server_that_refuses_the_Ping_is_asked_by_the_fragment([Values(200, 400, 404, 501)] int status)
    {
        BitsUploadCheckpoint checkpoint = await FailAtAsync(5000);
        _rig.Server.InjectEvery(BitsPacketNames.Ping, new BitsFault.Answer(status) { Ack = false });
        (int before, BitsUploadResult result) = await ResumeAsync(checkpoint, Source());
        Assert.That(PacketsFrom(before)[1], Is.EqualTo("Fragment"));
        Assert.That(result.SessionId, Is.EqualTo(checkpoint.SessionId));
    }

    // The checkpoint as another process would read it from the store.
    private static BitsUploadCheckpoint Restarted(BitsUploadCheckpoint checkpoint) => BitsUploadCheckpoint.FromJson(checkpoint.ToJson());

    // The checkpoint of an upload that failed when the server had this many bytes.
    private async Task<BitsUploadCheckpoint> FailAtAsync(int offset, string source = "memory")
    {
        _rig.Server.Inject(
            offset == 10_000 ? BitsPacketNames.CloseSession : BitsPacketNames.Fragment,
            new BitsFault.Answer(403),
            occurrence: offset == 10_000 ? 1 : (offset / 1000) + 1);
        await using IBitsUploadJob job = _rig.Client.CreateJob(Source(source), UploadRig.Url);
        BitsUploadCheckpoint checkpoint = Restarted(Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!);
        Assert.That(checkpoint.BytesAcknowledged, Is.EqualTo(offset));
        return checkpoint;
    }

    private async Task<(int Before, BitsUploadResult Result)> ResumeAsync(BitsUploadCheckpoint checkpoint, BitsUploadSource source)
    {
        int before = _rig.Server.Dialogue.Count;
        await using IBitsUploadJob job = _rig.Client.ResumeJob(checkpoint, source);
        Assert.That(job.Id, Is.EqualTo(checkpoint.Id));
        BitsUploadResult result = await job.RunAsync();
        Assert.That(_rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(_rig.File));
        return (before, result);
    }

    private BitsUploadSource Source(string kind = "memory") => kind switch
    {
        "file" => BitsUploadSource.FromFile(_place.Path),
        "stream" => BitsUploadSource.FromStream(new MemoryStream(_rig.File)),
        _ => BitsUploadSource.FromMemory(_rig.File),
    };

    private string[] PacketsFrom(int first) =>
        [
            .. _rig.Server.Dialogue.Skip(first).Select(
                exchange => exchange.Status is 200 or 201 ? exchange.PacketType! : $"{exchange.PacketType} ({exchange.Status})"),
        ];

    private IEnumerable<string?> FragmentsFrom(int first) =>
        _rig.Server.Dialogue.Skip(first)
            .Where(exchange => exchange.PacketType == "Fragment")
            .Select(exchange => exchange.RequestHeader("Content-Range"));

    private long BytesFrom(int first) => _rig.Server.Dialogue.Skip(first).Sum(exchange => exchange.BodyBytes);
}
