using System.Globalization;
using BitsClient.Errors;
using BitsClient.Testing;
using BitsClient.Tests.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Cultures;

/// <summary>
/// The caller's culture affects neither what is sent nor what is parsed, saved or reported. Turkish has its own I; Arabic and
/// Persian have their own calendar, decimal separator and minus sign.
/// </summary>
public abstract class CultureTests(string culture)
{
    [SetUp]
    public void The_culture_is_not_the_invariant_one()
    {
        Assert.That(CultureInfo.CurrentCulture.Name, Is.EqualTo(culture));
        Assert.That(
            (-1.5).ToString("F1", CultureInfo.CurrentCulture),
            Is.Not.EqualTo("-1.5"),
            "without ICU every culture is the invariant one");
    }

    [Test]
    public async Task Every_header_is_culture_invariant()
    {
        using FarmRig rig = new(new BitsTestServerOptions { CreateSessionId = () => "{ID-I-i}" });
        byte[] file = UploadRig.Bytes(2500);
        await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromMemory(file, "IİıI 1,5.zip"), UploadRig.Url);
        await job.RunAsync();
        const string protocol = "BITS-Supported-Protocols: {7df0354d-249b-430f-820d-3d2a9bef4931}";
        const string session = "BITS-Session-Id: {ID-I-i}";
        const string name = "Content-Name: I%C4%B0%C4%B1I 1,5.zip";
        const string agent = "User-Agent: BitsClient/0.1.0";
        Assert.That(rig.Server.Dialogue.Select(HeadersOf), Is.EqualTo(new[]
        {
            $"BITS_POST|BITS-Packet-Type: Create-Session|{protocol}|{name}|{agent}|Content-Length: 0",
            $"BITS_POST|BITS-Packet-Type: Fragment|{session}|{name}|{agent}|Content-Range: bytes 0-999/2500|Content-Length: 1000",
            $"BITS_POST|BITS-Packet-Type: Fragment|{session}|{name}|{agent}|Content-Range: bytes 1000-1999/2500|Content-Length: 1000",
            $"BITS_POST|BITS-Packet-Type: Fragment|{session}|{name}|{agent}|Content-Range: bytes 2000-2499/2500|Content-Length: 500",
            $"BITS_POST|BITS-Packet-Type: Close-Session|{session}|{name}|{agent}|Content-Length: 0",
        }));
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(file));
        rig.Server.AssertNoViolations();
    }

    [Test]
    public async Task A_server_may_write_its_headers_in_any_case([Values] bool upper)
    {
        using FarmRig rig = new(
            new BitsTestServerOptions { HostId = "NODE-I" }, handlers: new Alteration((_, answer) => Recase(answer, upper)));
        rig.Connect("node-i", rig.Server);
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(rig.Requests, Is.EqualTo(new[]
        {
            "bits.test Create-Session", "node-i Ping", "node-i Fragment", "node-i Fragment", "node-i Fragment", "node-i Close-Session",
        }));
    }

    [Test]
    public async Task The_rest_of_a_reply_is_requested_by_range_and_date()
    {
        byte[] reply = UploadRig.Bytes(5000);
        using FarmRig rig = new(new BitsTestServerOptions { Reply = _ => reply }, handlers: Alteration.OfReplies(
            answer =>
            {
                answer.Headers.ETag = null;
                Alteration.Break(after: 1000)(answer);
                answer.Content.Headers.LastModified = new DateTimeOffset(2024, 2, 29, 23, 59, 58, TimeSpan.Zero);
            },
            answer =>
            {
                answer.Headers.ETag = null;
                answer.Content.Headers.LastModified = new DateTimeOffset(2024, 2, 29, 23, 59, 58, TimeSpan.Zero);
            }));
        rig.Time.PassesAtOnce = TimeSpan.FromMinutes(1);
        using MemoryStream stream = new();
        await using IBitsUploadJob job = rig.CreateJob(reply: BitsReplyTarget.ToStream(stream, leaveOpen: true));
        await job.RunAsync();
        BitsExchange rest = rig.Server.Dialogue.Last(exchange => exchange.Method == "GET");
        Assert.That(
            (rest.RequestHeader("Range"), rest.RequestHeader("If-Range")),
            Is.EqualTo(("bytes=1000-", "Thu, 29 Feb 2024 23:59:58 GMT")));

        // The server does not know this date and answers with the whole reply.
        Assert.That(stream.ToArray(), Is.EqualTo(reply));
    }

    [TestCase("77")]
    [TestCase("Thu, 01 Jan 2026 00:01:17 GMT")]
    public async Task Retry_After_is_parsed_and_reported(string value)
    {
        using UploadRig rig = new();
        rig.Time.PassesAtOnce = TimeSpan.FromSeconds(90);
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(503) { Headers = [new("Retry-After", value)] });
        await using IBitsUploadJob job = rig.CreateJob();
        BitsUploadResult result = await job.RunAsync();
        Assert.That(result.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(77)));
        Assert.That(
            result.ToString(),
            Is.EqualTo("BitsUploadResult { http://bits.test/upload/file.bin, 10000 bytes in 10 fragments, 00:01:17 }"));
        Assert.That(
            rig.Logs.Entries.Select(entry => entry.Text),
            Has.One.StartsWith(
                "Fragment to http://bits.test/upload/file.bin failed and is retried in 00:01:17: the server answered 503. "));
    }

    [Test]
    public async Task Progress_is_culture_invariant()
    {
        BitsUploadOptions options = new() { FixedFragmentSize = 1000, ProgressInterval = TimeSpan.FromSeconds(1.5) };
        List<BitsUploadProgress> reports = [];
        UploadRig? rig = null;
        using UploadRig own = rig = new UploadRig(
            options: options, handlers: new Instants(_ => rig?.Time.Advance(TimeSpan.FromSeconds(1.5))));
        await using IBitsUploadJob job = rig.CreateJob();
        await job.RunAsync(new ProgressHandler(reports.Add));
        BitsUploadProgress late = reports.Last(report => report.BytesPerSecond > 0);
        Assert.That(late.BytesAcknowledged, Is.EqualTo(10_000));
        Assert.That(late.BytesPerSecond, Is.InRange(100, 700), "1000 bytes in at most 6 seconds, smoothed");
        Assert.That(late.EstimatedTimeRemaining, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task A_checkpoint_is_saved_and_loaded_culture_invariantly()
    {
        using TemporaryFile place = new([]);
        BitsFileCheckpointStore store = new(Path.Combine(place.Folder, "uploads"));
        await store.SaveAsync(States.Full);
        string path = Path.Combine(store.Folder, "00112233-4455-6677-8899-aabbccddeeff.json");
        string json = await File.ReadAllTextAsync(path);
        Assert.That(json, Is.EqualTo(States.Full.ToJson()));
        string[] lines = [.. json.Split('\n').Select(line => line.Trim().TrimEnd(','))];
        Assert.That(
            new[]
            {
                "\"createdAt\": \"2026-01-02T03:04:05+00:00\"", "\"updatedAt\": \"2026-01-02T03:04:06.1234567+00:00\"",
                "\"lastWriteTime\": \"2025-12-31T23:59:59.7654321+00:00\"", "\"length\": 5000000000", "\"hostIdFallback\": \"00:01:30\"",
            },
            Is.SubsetOf(lines));
        Assert.That(await store.LoadAsync(States.Full.Id), Is.EqualTo(States.Full));
        Assert.That((await store.ListAsync()).Single().Checkpoint, Is.EqualTo(States.Full));
        Assert.That(
            States.Full.ToString(),
            Is.EqualTo("BitsUploadCheckpoint { https://bits.test/upload/report.zip, 3000000000 of 5000000000 bytes }"));
    }

    [Test]
    public async Task An_upload_of_a_file_is_resumed_from_its_saved_state()
    {
        using TemporaryFile file = new(UploadRig.Bytes(10_000));
        BitsFileCheckpointStore store = new(Path.Combine(file.Folder, "uploads"));
        using UploadRig rig = new(
            options: new BitsUploadOptions { FixedFragmentSize = 1000, CheckpointStore = store, ComputeSha256 = true });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(403), occurrence: 4);
        Assert.That(() => rig.Client.UploadFileAsync(file.Path, UploadRig.Url), Throws.TypeOf<BitsServerException>());
        BitsUploadCheckpoint checkpoint = (await store.ListAsync()).Single().Checkpoint!;
        await using IBitsUploadJob job = rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path));
        await job.RunAsync();
        Assert.That(rig.Server.GetFile("/upload/file.bin"), Is.EqualTo(rig.File));
        Assert.That(
            rig.Server.Dialogue.Count(exchange => exchange.Status == 200 && exchange.PacketType == "Fragment"),
            Is.EqualTo(10),
            "3 before and 7 after");
    }

    [Test]
    public void A_changed_file_is_reported_with_both_dates()
    {
        using TemporaryFile file = new(new byte[1]);
        File.SetLastWriteTimeUtc(file.Path, new DateTime(2024, 2, 29, 13, 14, 15, DateTimeKind.Utc));
        using UploadRig rig = new();
        BitsUploadCheckpoint checkpoint = States.Least with
        {
            Source = new BitsSourceFingerprint { Length = 1, LastWriteTime = new DateTimeOffset(2024, 2, 28, 1, 2, 3, TimeSpan.Zero) },
        };
        Assert.That(
            () => rig.Client.ResumeJob(checkpoint, BitsUploadSource.FromFile(file.Path)),
            Throws.TypeOf<BitsSourceChangedException>().With.Message.Contains(
                "it was last written to at 2024-02-29T13:14:15.0000000+00:00 now, "
                + "and at 2024-02-28T01:02:03.0000000+00:00 when its upload began."));
        Assert.That(rig.Server.Dialogue, Is.Empty);
    }

    [TestCase("0x8020001f")]
    [TestCase("X8020001F")]
    public void An_error_code_is_parsed_and_reported(string value)
    {
        using UploadRig rig = new(options: new BitsUploadOptions { FixedFragmentSize = 1000, Retry = { MaxRestarts = 0 } });
        rig.Server.Inject(BitsPacketNames.Fragment, new BitsFault.Answer(500) { ErrorCode = value, ErrorContext = "0x5" }, occurrence: 2);
        BitsServerException e = Assert.ThrowsAsync<BitsServerException>(async () =>
        {
            await using IBitsUploadJob job = rig.CreateJob();
            await job.RunAsync();
        })!;
        Assert.That(e.Message, Is.EqualTo(
            $"Fragment to http://bits.test/upload/file.bin (session {rig.Server.Sessions[0].Id}): "
            + "the server answered 500 with 0x8020001F BG_E_SESSION_NOT_FOUND from the server itself."));
        Assert.That((uint)e.HResult, Is.EqualTo(0x8020001F));
    }

    [Test]
    public async Task A_duration_is_written_with_a_decimal_point()
    {
        using UploadRig rig = new(options: new BitsUploadOptions { ResponseTimeout = TimeSpan.FromSeconds(1.5) });
        rig.Server.Inject(BitsPacketNames.Ping, new BitsFault.NeverAnswer());
        BitsGate gate = rig.Server.HoldRequest(BitsPacketNames.Ping);
        Task pinging = rig.Client.PingAsync(UploadRig.Url);
        await gate.ReachedByAsync(pinging);
        rig.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.That(
            () => pinging,
            Throws.TypeOf<BitsUploadException>().With.Message.EqualTo(
                "Ping to http://bits.test/upload/file.bin: there was no response from the server for 1.5 seconds."));
        Assert.That(MessageText.Of(TimeSpan.FromHours(60)), Is.EqualTo("2.5 days"));
    }

    [Test]
    [Platform(Exclude = "Mono", Reason = "Mono writes it so in each culture.")]
    public void A_negative_number_is_written_with_a_hyphen()
    {
        using HttpClient http = new();
        BitsUploadOptions options = new()
        {
            MinFragmentSize = -5,
            InitialFragmentSize = -7,
            MaxFragmentSize = -6,
            StallTimeout = TimeSpan.FromSeconds(-1.5),
        };
        ArgumentException e = Assert.Throws<ArgumentException>(() => _ = new BitsUploadClient(http, options))!;
        Assert.That(e.Message.Split('\n').Select(line => line.TrimEnd()), Is.EqualTo(new[]
        {
            "MinFragmentSize is -5; it must be at least 1.",
            "MaxFragmentSize is -6; it must be at least MinFragmentSize, -5.",
            "InitialFragmentSize is -7; it must be from MinFragmentSize to MaxFragmentSize, -5 to -6.",
            "StallTimeout is -00:00:01.5000000; it must be more than zero and at most 1.00:00:00. (Parameter 'options')",
        }));
    }

    [Test]
    public void A_stream_truncated_before_its_start_has_no_bytes()
    {
        using UploadRig rig = new();
        using MemoryStream stream = new();
        stream.SetLength(5000);
        stream.Position = 4000;
        Assert.That(
            async () =>
            {
                await using IBitsUploadJob job = rig.Client.CreateJob(BitsUploadSource.FromStream(stream), UploadRig.Url);
                stream.SetLength(3000);
                await job.RunAsync();
            },
            Throws.TypeOf<BitsSourceChangedException>().With.Message.Contains(
                "The stream has 0 bytes now; it had 1000 when the upload began."));
    }

    private static string HeadersOf(BitsExchange exchange) =>
        string.Join('|', exchange.RequestHeaders.Select(header => $"{header.Name}: {header.Value}").Prepend(exchange.Method));

    private static void Recase(HttpResponseMessage answer, bool upper)
    {
        IEnumerable<string> names = answer.Headers.NonValidated.Select(header => header.Key);
        foreach (string name in names.Where(key => key.StartsWith("BITS-", StringComparison.Ordinal)).ToList())
        {
            string value = string.Join(", ", answer.Headers.GetValues(name));
            answer.Headers.Remove(name);
            value = name == "BITS-Session-Id" ? value : Case(value);
            answer.Headers.TryAddWithoutValidation(Case(name), value);
        }

        string Case(string text) => upper ? text.ToUpperInvariant() : text.ToLowerInvariant();
    }

    [SetCulture("tr-TR")]
    public sealed class Turkish() : CultureTests("tr-TR");

    [SetCulture("ar-SA")]
    [Platform(Exclude = "Mono", Reason = "Mono has no Arabic digits and minus.")]
    public sealed class Arabic() : CultureTests("ar-SA");

    [SetCulture("fa-IR")]
    public sealed class Persian() : CultureTests("fa-IR");
}
