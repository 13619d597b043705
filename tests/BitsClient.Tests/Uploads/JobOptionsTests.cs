using BitsClient.Testing;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Uploads;

/// <summary>The settings of one upload: headers for its requests, and a description for people.</summary>
public sealed class JobOptionsTests
{
    private static readonly BitsJobOptions Keyed = new()
    {
        Headers = new Dictionary<string, string> { ["X-Api-Key"] = "secret-1", ["Authorization"] = "Bearer secret-2" },
        Description = "The report of May",
    };

    [Test]
    public async Task The_headers_are_in_every_request_of_the_upload_and_of_no_other()
    {
        using UploadRig rig = new();
        await using (IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url, options: Keyed))
        {
            await job.RunAsync();
        }

        await using IBitsUploadJob other = rig.CreateJob();
        await other.RunAsync();
        int half = rig.Server.Dialogue.Count / 2;
        Assert.That(KeysOf(rig.Server).Take(half), Is.All.EqualTo(("secret-1", "Bearer secret-2")));
        Assert.That(KeysOf(rig.Server).Skip(half).Select(keys => keys.Key), Is.All.Null);
        Assert.That(KeysOf(rig.Server)[half].Authorization, Does.StartWith("Bearer ").And.Not.EndsWith("secret-2"), "the HttpClient's own");
    }

    [Test]
    public async Task They_go_to_a_named_host_only_if_it_is_trusted([Values] bool isTrusted)
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000 };
        if (isTrusted)
        {
            options.TrustedOrigins.Add(new Uri("http://node7"));
        }

        using FarmRig rig = new(new BitsTestServerOptions { HostId = "node7" }, options);
        rig.Connect("node7", rig.Server);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url, options: Keyed);
        await job.RunAsync();
        Assert.That(KeysOf(rig.Server)[0].Key, Is.EqualTo("secret-1"));
        Assert.That(KeysOf(rig.Server).Skip(1).Select(keys => keys.Key), Is.All.EqualTo(isTrusted ? "secret-1" : null));
    }

    [Test]
    public async Task They_are_sent_by_a_job_that_resumes_the_upload_and_by_a_cancel_without_one()
    {
        using UploadRig rig = new();
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 2);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url, options: Keyed);
        BitsUploadCheckpoint checkpoint = Assert.ThrowsAsync<BitsServerException>(() => job.RunAsync())!.Checkpoint!;
        Assert.That(checkpoint.Description, Is.EqualTo("The report of May"));

        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403));
        await using IBitsUploadJob resumed = rig.Client.ResumeJob(
            checkpoint, BitsUploadSource.FromMemory(rig.File), options: Keyed with { Description = null });
        BitsUploadCheckpoint later = Assert.ThrowsAsync<BitsServerException>(() => resumed.RunAsync())!.Checkpoint!;
        Assert.That(later.Description, Is.EqualTo("The report of May"), "it is kept");
        await rig.Client.CancelSessionAsync(later, Keyed);

        Assert.That(rig.Server.Dialogue[^1].PacketType, Is.EqualTo(BitsPacketNames.CancelSession));
        Assert.That(KeysOf(rig.Server), Is.All.EqualTo(("secret-1", "Bearer secret-2")));
    }

    [Test]
    public async Task The_description_of_a_job_that_resumes_the_upload_replaces_the_one_of_the_checkpoint()
    {
        using UploadRig rig = new();
        BitsUploadCheckpoint checkpoint = Persistence.States.Least with { Description = "The report of April" };
        await using IBitsUploadJob job = rig.Client.ResumeJob(
            checkpoint, BitsUploadSource.FromMemory(new byte[checkpoint.BytesTotal]), options: Keyed);
        Assert.That(job.Checkpoint!.Description, Is.EqualTo("The report of May"));
    }

    [Test]
    public async Task The_headers_are_those_that_were_given_whatever_becomes_of_the_dictionary()
    {
        using UploadRig rig = new();
        Dictionary<string, string> headers = new() { ["x-api-key"] = "secret-1" };
        BitsJobOptions options = new() { Headers = headers };
        headers["BITS-Session-Id"] = "another";
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url, options: options);
        headers.Clear();
        await job.RunAsync();
        Assert.That(KeysOf(rig.Server).Select(keys => keys.Key), Is.All.EqualTo("secret-1"));
    }

    [Test]
    public async Task A_User_Agent_replaces_the_librarys_own()
    {
        using UploadRig rig = new();
        BitsJobOptions options = new() { Headers = new Dictionary<string, string> { ["user-agent"] = "uploader/1.0" } };
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url, options: options);
        await job.RunAsync();
        Assert.That(rig.Server.Dialogue.Select(exchange => exchange.RequestHeader("User-Agent")), Is.All.EqualTo("uploader/1.0"));
    }

    [TestCase("BITS-Session-Id", "1", "is part of the protocol")]
    [TestCase("content-range", "bytes 0-1/2", "is part of the protocol")]
    [TestCase("X-Http-Method-Override", "PUT", "is part of the protocol")]
    [TestCase("If-Range", "\"1\"", "is part of the protocol")]
    [TestCase("Host", "evil.test", "is part of the protocol")]
    [TestCase("X Key", "1", "characters that are not allowed")]
    [TestCase("X-Key", "1\r\nX-Other: 2", "characters that are not allowed")]
    [TestCase("Expires", "0", "is not a request header")]
    public async Task A_header_that_is_not_valid_is_refused_and_the_value_not_repeated(string name, string value, string reason)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { CheckpointStore = new RecordingStore() });
        BitsJobOptions options = new() { Headers = new Dictionary<string, string> { [name] = value } };
        Assert.That(
            () => rig.Client.CreateJob(BitsUploadSource.FromMemory(rig.File), UploadRig.Url, options: options),
            Throws.ArgumentException.With.Message.Contains($"The header '{name}' ").And.Message.Contains(reason)
                .And.Message.Not.Contain(value + " "));
        BitsUploadCheckpoint checkpoint = Persistence.States.Least;
        using MemoryStream stream = new(new byte[checkpoint.BytesTotal]);
        Assert.That(
            () => rig.Client.CreateOrResumeJobAsync(checkpoint, BitsUploadSource.FromStream(stream), options: options),
            Throws.ArgumentException);
        Assert.That(stream.CanRead, Is.False, "the source is disposed");
        await using IBitsUploadJob _ = rig.CreateJob();
    }

    private static List<(string? Key, string? Authorization)> KeysOf(BitsTestServer server) =>
        [.. server.Dialogue.Select(exchange => (exchange.RequestHeader("X-Api-Key"), exchange.RequestHeader("Authorization")))];
}
