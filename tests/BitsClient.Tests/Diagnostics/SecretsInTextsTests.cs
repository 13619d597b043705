using System.Net;
using System.Reflection;
using BitsClient.Testing;
using BitsClient.Tests.Support;
using Microsoft.Extensions.Logging;

namespace BitsClient.Tests.Diagnostics;

/// <summary>
/// No public type shows the query or the user info of a URL in its text. Session ids are in the text of exceptions, where they help to find
/// the cause on the server, and nowhere else.
/// </summary>
public sealed class SecretsInTextsTests
{
    private const string SessionId = "secret-session";

    private static readonly Uri ReplyUrl = new($"http://uploader:{Secrets.UserInfo}@bits.test/replies/1?sig={Secrets.Query}");

    private static readonly BitsUploadCheckpoint Checkpoint = new()
    {
        Url = UploadRig.Url,
        SessionId = SessionId,
        BytesAcknowledged = 1000,
        BytesTotal = 10_000,
        ExpectsReply = true,
        ReplyUrl = ReplyUrl,
    };

    private static readonly BitsUploadReply Reply = new() { Url = ReplyUrl, Length = 500 };

    private static readonly BitsUploadResult Result = new()
    {
        Url = UploadRig.Url,
        SessionId = SessionId,
        BytesTransferred = 10_000,
        BytesResent = 0,
        Fragments = 10,
        Retries = 0,
        Reply = Reply,
        Elapsed = TimeSpan.FromSeconds(2),
    };

    private static readonly BitsUploadProgress Progress = new()
    {
        Status = BitsUploadStatus.TransientError,
        BytesAcknowledged = 1000,
        BytesSent = 1000,
        BytesResent = 0,
        BytesTotal = 10_000,
        Session = 1,
        Attempt = 2,
        FragmentSize = 1000,
        BytesPerSecond = 0,
    };

    // Each public type that holds a URL or a session id, directly or indirectly.
    private static readonly Type[] Records =
        [
            typeof(BitsUploadCheckpoint),
            typeof(BitsOtherSession),
            typeof(BitsUploadReply),
            typeof(BitsUploadResult),
            typeof(BitsStoredCheckpoint),
            typeof(BitsResumedUpload),
            typeof(BitsUploadProgress),
        ];

    private static readonly Type[] Exceptions =
    [
        typeof(BitsUploadException),
        typeof(BitsServerException),
        typeof(BitsProtocolException),
        typeof(BitsSourceChangedException),
        typeof(BitsUploadStalledException),
        typeof(BitsUploadCanceledException),
    ];

    private static readonly Type[] Others = [typeof(IBitsUploadJob), typeof(BitsRequestContext)];

    [Test]
    public void Every_public_type_that_holds_a_secret_is_covered_here()
    {
        Type[] types = [.. typeof(BitsUploadClient).Assembly.GetExportedTypes()];
        HashSet<Type> holders = [typeof(Uri), typeof(HttpRequestMessage)];
        while (types.Where(type => !holders.Contains(type) && Holds(type, holders)).ToArray() is { Length: > 0 } more)
        {
            holders.UnionWith(more);
        }

        Assert.That(holders.Intersect(types), Is.EquivalentTo(Records.Concat(Exceptions).Concat(Others)));
    }

    [Test]
    public void The_text_of_a_result_shows_where_the_file_is_and_no_secret()
    {
        Assert.That(
            $"{Result}", Is.EqualTo("BitsUploadResult { http://bits.test/upload/file.bin, 10000 bytes in 10 fragments, 00:00:02 }"));
        Assert.That($"{Reply}", Is.EqualTo("BitsUploadReply { http://bits.test/replies/1, 500 bytes }"));
    }

    [Test]
    public void The_text_of_a_record_shows_no_secret()
    {
        BitsStoredCheckpoint stored = new() { Location = "/uploads/1.json", Checkpoint = Checkpoint };
        BitsOtherSession other = new() { Url = UploadRig.Url, SessionId = SessionId };
        BitsResumedUpload resumed = new() { Stored = stored, Result = Result };
        object[] records = [Checkpoint, other, Reply, Result, stored, resumed, Progress];
        Assert.That(records.Select(record => record.GetType()), Is.EquivalentTo(Records));
        foreach (object record in records)
        {
            AssertNoSecret(TextOf(record), SessionId);
        }
    }

    [Test]
    public async Task The_text_of_a_result_of_an_upload_shows_no_session_id()
    {
        using UploadRig rig = new();
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        AssertNoSecret($"{result}", result.SessionId);
        AssertNoSecret(TextOf(job), result.SessionId);
    }

    [Test]
    public async Task The_text_of_a_prepared_request_shows_no_secret()
    {
        List<string> texts = [];
        BitsUploadOptions options = new()
        {
            PrepareRequest = (context, _) =>
            {
                texts.Add(TextOf(context));
                return ValueTask.CompletedTask;
            },
        };
        using UploadRig rig = new(options: options);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(texts, Is.Not.Empty);
        AssertNoSecret(string.Join(' ', texts), job.SessionId!);
    }

    [TestCaseSource(nameof(Exceptions))]
    public async Task The_text_of_a_failure_shows_no_URL_with_its_secrets(Type type)
    {
        List<BitsUploadProgress> reports = [];
        Exception failure = await FailAsync(type, new ProgressHandler(reports.Add));
        Assert.That(failure, Is.TypeOf(type));
        AssertNoSecret($"{failure}");
        AssertNoSecret(string.Join(' ', reports));
        if (failure is BitsUploadException { Url: { } url })
        {
            Assert.That(url, Is.EqualTo(UploadRig.Url), "the URL holds the secrets");
            AssertNoSecret($"{Progress with { Failure = (BitsUploadException)failure }}");
            AssertNoSecret($"{new BitsStoredCheckpoint { Location = "/uploads/1.json", Error = failure }}");
        }
    }

    private static bool Holds(Type type, HashSet<Type> holders) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Any(property => property.Name == "SessionId" || holders.Contains(TypeOf(property)));

    private static Type TypeOf(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    private static string TextOf(object value) => value.ToString()!;

    private static void AssertNoSecret(string text, params string[] sessionIds)
    {
        foreach (string secret in (string[])[Secrets.UserInfo, Secrets.Query, Secrets.Token, .. sessionIds])
        {
            Assert.That(text, Does.Not.Contain(secret));
        }
    }

    private static async Task<Exception> FailAsync(Type type, IProgress<BitsUploadProgress> progress)
    {
        TimeSpan limit = TimeSpan.FromMinutes(1);
        int retries = type == typeof(BitsUploadStalledException) ? 2 : 0;
        BitsRetryOptions retry = new() { BaseDelay = limit * 2, MaxDelay = limit * 2, MaxRetries = retries };
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, NoProgressTimeout = limit, Retry = retry };
        Alteration otherProtocol = new((_, response) =>
        {
            response.Headers.Remove("BITS-Protocol");
            response.Headers.Add("BITS-Protocol", "{1}");
        });
        using UploadRig rig = new(options: options, handlers: type == typeof(BitsProtocolException) ? [otherProtocol] : []);
        BitsGate gate = rig.Server.HoldAck(BitsPacketNames.Fragment, 2);
        BitsFault? fault = type switch
        {
            _ when type == typeof(BitsUploadException) => new BitsFault.DropAfterHandling(),
            _ when type == typeof(BitsUploadStalledException) => new BitsFault.Answer((int)HttpStatusCode.ServiceUnavailable),
            _ when type == typeof(BitsServerException) => new BitsFault.Answer((int)HttpStatusCode.Forbidden),
            _ => null,
        };
        if (fault is BitsFault.Answer { Status: (int)HttpStatusCode.ServiceUnavailable })
        {
            rig.Server.InjectEvery(BitsPacketNames.Fragment, fault);
        }
        else if (fault is not null)
        {
            rig.Server.Inject(BitsPacketNames.Fragment, fault);
        }

        using MemoryStream source = new(rig.File.ToArray(), 0, rig.File.Length, writable: true);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(source), UploadRig.Url);
        TaskCompletionSource retrying = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Logs.OnLog = level => _ = level is LogLevel.Warning && retrying.TrySetResult();
        Task<BitsUploadResult> running = job.RunAsync(progress);
        await Task.WhenAny(gate.Reached, running, retrying.Task);
        if (type == typeof(BitsUploadStalledException))
        {
            rig.Time.Advance(limit);
        }
        else if (type == typeof(BitsUploadCanceledException))
        {
            await job.CancelAsync();
        }
        else if (type == typeof(BitsSourceChangedException))
        {
            source.SetLength(source.Length - 1);
        }

        gate.Release();
        return Assert.CatchAsync(() => running)!;
    }
}
