using System.Reflection;
using System.Text;
using BitsClient.Errors;
using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A checkpoint as JSON: what it contains, and what is accepted.</summary>
public sealed class CheckpointJsonTests
{
    private static readonly string Text = States.Full.ToJson();

    [Test]
    public void Every_property_round_trips()
    {
        foreach (object facts in new object[] { States.Full, States.Full.Source! })
        {
            foreach (PropertyInfo property in facts.GetType().GetProperties())
            {
                object? unset = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
                Assert.That(property.GetValue(facts), Is.Not.EqualTo(unset), $"{property.Name} needs a value for this test");
            }
        }

        BitsUploadCheckpoint back = BitsUploadCheckpoint.FromJson(Text);
        Assert.That(back, Is.EqualTo(States.Full));
        Assert.That(back.Url.AbsoluteUri, Is.EqualTo(States.Full.Url.AbsoluteUri));
        Assert.That(BitsUploadCheckpoint.FromJson(States.Least.ToJson()), Is.EqualTo(States.Least));
    }

    [Test]
    public void The_version_comes_first_and_the_names_are_the_documented_ones() => Assert.That(
        States.Full.ToJson().ReplaceLineEndings("\n"),
        Is.EqualTo("""
            {
              "version": 3,
              "upload": {
                "id": "00112233-4455-6677-8899-aabbccddeeff",
                "createdAt": "2026-01-02T03:04:05+00:00",
                "updatedAt": "2026-01-02T03:04:06.1234567+00:00",
                "source": {
                  "path": "/data/Bericht f\u00FCr \u0022M\u00FCller\u0022.zip",
                  "name": "report.zip",
                  "length": 5000000000,
                  "lastWriteTime": "2025-12-31T23:59:59.7654321+00:00",
                  "prefixSha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                  "prefixLength": 3000000001
                },
                "url": "https://bits.test/upload/report.zip?sig=a%2Bb",
                "sessionId": "{7DF0354D-249B-430F-820D-3D2A9BEF4931}",
                "hostId": "node-2.bits.test:8080",
                "hostIdFallback": "00:01:30",
                "bytesAcknowledged": 3000000000,
                "bytesSentAtMost": 4000000000,
                "serverKeepsOffsets": true,
                "largestFragmentAccepted": 3000000000,
                "fragmentSizeLimit": 1000000000,
                "isAskingUseless": true,
                "bytesTotal": 5000000000,
                "mayBeComplete": true,
                "expectsReply": true,
                "replyPath": "/data/reply.bin",
                "description": "The report of May",
                "traceParent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "needsNewSession": true,
                "otherSessions": [
                  {
                    "url": "https://node-3.bits.test/f?a=b",
                    "sessionId": "{0}"
                  }
                ],
                "earlierSessionMayBeComplete": true,
                "isReplyReceived": true,
                "replyUrl": "https://bits.test/replies/1"
              }
            }
            """.ReplaceLineEndings("\n")));

    [Test]
    public void The_user_info_of_the_URL_is_omitted_and_the_rest_is_kept()
    {
        string json = (States.Least with { Url = UploadRig.Url, OtherSessions = [new BitsOtherSession { Url = UploadRig.Url }] }).ToJson();
        Assert.That(json, Does.Not.Contain(Secrets.UserInfo).And.Not.Contain("uploader"));
        Assert.That(
            BitsUploadCheckpoint.FromJson(json).Url.AbsoluteUri,
            Is.EqualTo($"http://bits.test/upload/file.bin?sig={Secrets.Query}"));
        Assert.That(
            (States.Least with { Url = new Uri("http://u:p@bits.test:8080/f") }).ToJson(),
            Does.Contain("\"http://bits.test:8080/f\""));
    }

    [Test]
    public void Properties_added_within_version_2_are_ignored()
    {
        string later = Text.Replace("\"upload\": {", "\"new\": [1, {}], \"upload\": { \"newer\": null,", StringComparison.Ordinal);
        Assert.That(BitsUploadCheckpoint.FromJson(later), Is.EqualTo(States.Full));
    }

    [Test]
    public void A_newer_version_is_reported_whatever_else_the_text_holds()
    {
        string next = Text.Replace("\"version\": 3", "\"version\": 4", StringComparison.Ordinal);
        foreach (string newer in new[] { next, """{ "version": 4, "upload": 7 }""" })
        {
            Assert.That(
                () => BitsUploadCheckpoint.FromJson(newer),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("The text")
                    .And.Message.Contains("newer version of BitsClient (format 4); this version reads format 3"));
        }
    }

    [Test]
    public void An_earlier_version_is_refused()
    {
        Assert.That(
            () => BitsUploadCheckpoint.FromJson("""{ "version": 1, "upload": { "isUseless": true } }"""),
            Throws.TypeOf<InvalidDataException>()
                .With.Message.Contains("earlier version of BitsClient (format 1); this version reads format 3"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("\"version\"")]
    [TestCase("{}")]
    [TestCase("garbage")]
    [TestCase("\0\0\0\0")]
    [TestCase("""{ "version": 3 }""")]
    [TestCase("""{ "version": 3, "upload": null }""")]
    [TestCase("""{ "version": 3, "upload": {} }""")]
    [TestCase("""{ "version": 3, "upload": 7 }""")]
    [TestCase("""{ "version": null }""")]
    [TestCase("""{ "version": "1" }""")]
    [TestCase("""{ "version": 0 }""")]
    [TestCase("""{ "version": -1 }""")]
    [TestCase("""{ "version": 1.5 }""")]
    [TestCase("""{ "version": 99999999999999999999 }""")]
    public void Text_that_is_not_a_checkpoint_is_refused(string json) => Refused(json);

    [Test]
    public void Ten_megabytes_of_garbage_are_refused()
    {
        byte[] garbage = UploadRig.Bytes(10_000_000);
        Assert.That(
            () => CheckpointJson.Read(garbage, "'x.json'"),
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("'x.json' is not a checkpoint"));
        Refused(new string('[', 10_000_000));
        Refused(new string(' ', 10_000_000));
        Refused($$"""{ "version": 3, "upload": "{{new string('a', 10_000_000)}}" }""");
    }

    [TestCase("\"bytesTotal\": 5000000000", "\"bytesTotal\": -5")]
    [TestCase("\"bytesTotal\": 5000000000", "\"bytesTotal\": 0")]
    [TestCase("\"bytesTotal\": 5000000000", "\"bytesTotal\": 4999999999")]
    [TestCase("\"bytesTotal\": 5000000000", "\"bytesTotal\": 1e99")]
    [TestCase("\"bytesTotal\": 5000000000", "\"bytesTotal\": null")]
    [TestCase("\"bytesAcknowledged\": 3000000000", "\"bytesAcknowledged\": -1")]
    [TestCase("\"bytesAcknowledged\": 3000000000", "\"bytesAcknowledged\": 5000000001")]
    [TestCase("\"bytesAcknowledged\": 3000000000", "\"bytesAcknowledged\": \"3000000000\"")]
    [TestCase("\"length\": 5000000000", "\"length\": -1")]
    [TestCase("\"length\": 5000000000", "\"length\": 5000000001")]
    [TestCase("\"prefixLength\": 3000000001", "\"prefixLength\": -1")]
    [TestCase("\"prefixLength\": 3000000001", "\"prefixLength\": 5000000001")]
    [TestCase("\"sessionId\": \"{7DF0354D-249B-430F-820D-3D2A9BEF4931}\"", "\"sessionId\": null")]
    [TestCase("\"sessionId\": \"{7DF0354D-249B-430F-820D-3D2A9BEF4931}\"", "\"sessionId\": \"a\\r\\nb\"")]
    [TestCase("\"url\": \"https://bits.test/upload/report.zip?sig=a%2Bb\"", "\"url\": null")]
    [TestCase("\"url\": \"https://bits.test/upload/report.zip?sig=a%2Bb\"", "\"url\": \"report.zip\"")]
    [TestCase("\"url\": \"https://bits.test/upload/report.zip?sig=a%2Bb\"", "\"url\": \"file:///etc/passwd\"")]
    [TestCase("\"hostId\": \"node-2.bits.test:8080\"", "\"hostId\": \"http://elsewhere/\"")]
    [TestCase("\"hostIdFallback\": \"00:01:30\"", "\"hostIdFallback\": \"-00:01:30\"")]
    [TestCase("\"hostIdFallback\": \"00:01:30\"", "\"hostIdFallback\": 90")]
    [TestCase("\"replyUrl\": \"https://bits.test/replies/1\"", "\"replyUrl\": \"1\"")]
    [TestCase("\"fragmentSizeLimit\": 1000000000", "\"fragmentSizeLimit\": 0")]
    [TestCase("\"largestFragmentAccepted\": 3000000000", "\"largestFragmentAccepted\": -1")]
    [TestCase("\"mayBeComplete\": true", "\"mayBeComplete\": \"true\"")]
    [TestCase("\"createdAt\": \"2026-01-02T03:04:05+00:00\"", "\"createdAt\": \"yesterday\"")]
    [TestCase("\"id\": \"00112233-4455-6677-8899-aabbccddeeff\"", "\"id\": 7")]
    public void An_invalid_value_is_refused(string valid, string invalid)
    {
        Assert.That(Text, Does.Contain(valid));
        Refused(Text.Replace(valid, invalid, StringComparison.Ordinal));
    }

    [TestCase("sessionId")]
    [TestCase("url")]
    [TestCase("bytesAcknowledged")]
    [TestCase("bytesTotal")]
    [TestCase("length")]
    [TestCase("version")]
    [TestCase("upload")]
    public void A_missing_required_property_is_refused(string property) =>
        Refused(Text.Replace($"\"{property}\"", $"\"not-{property}\"", StringComparison.Ordinal));

    [Test]
    public void A_changed_byte_gives_a_valid_checkpoint_or_is_refused()
    {
        byte[] json = Encoding.UTF8.GetBytes(Text);
        for (int at = 0; at < json.Length; at++)
        {
            foreach (byte value in "\0\"{}-9,\xff"u8)
            {
                byte[] changed = [.. json];
                changed[at] = value;
                try
                {
                    Assert.That(CheckpointErrors.Find(CheckpointJson.Read(changed, "The text")), Is.Null);
                }
                catch (InvalidDataException)
                {
                    // It is refused; no other exception was thrown.
                }
            }
        }
    }

    // The attribute makes the build fail if the library uses reflection.
    [Test]
    [Platform(Exclude = "Mono", Reason = "There is no trimming.")]
    public void The_library_is_trimmable() => Assert.That(
        typeof(BitsUploadCheckpoint).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Select(fact => $"{fact.Key}={fact.Value}"),
        Does.Contain("IsTrimmable=True"));

    private static void Refused(string json) => Assert.That(
        () => BitsUploadCheckpoint.FromJson(json),
        Throws.TypeOf<InvalidDataException>()
            .With.Message.StartsWith("The text is not a checkpoint, or is damaged: ")
            .And.Message.EndsWith(". It was left unchanged.")
            .And.Message.Not.Contains("..")
            .And.Message.Length.LessThan(1000));
}
