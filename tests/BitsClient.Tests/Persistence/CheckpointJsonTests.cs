using System.Reflection;
using System.Text;
using BitsClient.Persistence;
using BitsClient.Tests.Support;

namespace BitsClient.Tests.Persistence;

/// <summary>A state as JSON: what is in it, and what is taken for one.</summary>
public sealed class CheckpointJsonTests
{
    private static readonly string Text = States.Full.ToJson();

    [Test]
    public void Every_property_comes_back()
    {
        foreach (object facts in new object[] { States.Full, States.Full.Source! })
        {
            foreach (PropertyInfo property in facts.GetType().GetProperties())
            {
                object? unset = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
                Assert.That(property.GetValue(facts), Is.Not.EqualTo(unset), $"this test proves nothing about {property.Name}");
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
              "version": 2,
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
                "bytesTotal": 5000000000,
                "mayBeComplete": true,
                "expectsReply": true,
                "replyPath": "/data/reply.bin",
                "needsNewSession": true,
                "earlierSessionIsUncertain": true,
                "isReplyReceived": true,
                "replyUrl": "https://bits.test/replies/1"
              }
            }
            """.ReplaceLineEndings("\n")));

    [Test]
    public void The_user_info_of_the_URL_is_left_out_and_all_else_of_it_stays()
    {
        string json = (States.Least with { Url = UploadRig.Url }).ToJson();
        Assert.That(json, Does.Not.Contain(Secrets.UserInfo).And.Not.Contain("uploader"));
        Assert.That(BitsUploadCheckpoint.FromJson(json).Url.AbsoluteUri, Is.EqualTo($"http://bits.test/upload/file.bin?sig={Secrets.Query}"));
        Assert.That((States.Least with { Url = new Uri("http://u:p@bits.test:8080/f") }).ToJson(), Does.Contain("\"http://bits.test:8080/f\""));
    }

    [Test]
    public void What_a_later_version_2_adds_is_passed_over()
    {
        string later = Text.Replace("\"upload\": {", "\"new\": [1, {}], \"upload\": { \"newer\": null,", StringComparison.Ordinal);
        Assert.That(BitsUploadCheckpoint.FromJson(later), Is.EqualTo(States.Full));
    }

    [Test]
    public void A_newer_version_is_told_whatever_else_is_in_it()
    {
        foreach (string newer in new[] { Text.Replace("\"version\": 2", "\"version\": 3", StringComparison.Ordinal), """{ "version": 3, "upload": 7 }""" })
        {
            Assert.That(
                () => BitsUploadCheckpoint.FromJson(newer),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("The text").And.Message.Contains("newer version of BitsClient (format 3); this one reads format 2"));
        }
    }

    [Test]
    public void An_earlier_version_is_refused_and_left_for_the_version_that_wrote_it()
    {
        Assert.That(
            () => BitsUploadCheckpoint.FromJson("""{ "version": 1, "upload": { "isUseless": true } }"""),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("earlier version of BitsClient (format 1); this one reads format 2"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("\"version\"")]
    [TestCase("{}")]
    [TestCase("garbage")]
    [TestCase("\0\0\0\0")]
    [TestCase("""{ "version": 2 }""")]
    [TestCase("""{ "version": 2, "upload": null }""")]
    [TestCase("""{ "version": 2, "upload": {} }""")]
    [TestCase("""{ "version": 2, "upload": 7 }""")]
    [TestCase("""{ "version": null }""")]
    [TestCase("""{ "version": "1" }""")]
    [TestCase("""{ "version": 0 }""")]
    [TestCase("""{ "version": -1 }""")]
    [TestCase("""{ "version": 1.5 }""")]
    [TestCase("""{ "version": 99999999999999999999 }""")]
    public void What_is_no_state_is_refused(string json) => Refused(json);

    [Test]
    public void Ten_megabytes_of_nonsense_are_refused()
    {
        byte[] nonsense = UploadRig.Bytes(10_000_000);
        Assert.That(() => CheckpointJson.Read(nonsense, "'x.json'"), Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("'x.json' holds no saved upload"));
        Refused(new string('[', 10_000_000));
        Refused(new string(' ', 10_000_000));
        Refused($$"""{ "version": 2, "upload": "{{new string('a', 10_000_000)}}" }""");
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
    [TestCase("\"mayBeComplete\": true", "\"mayBeComplete\": \"true\"")]
    [TestCase("\"createdAt\": \"2026-01-02T03:04:05+00:00\"", "\"createdAt\": \"yesterday\"")]
    [TestCase("\"id\": \"00112233-4455-6677-8899-aabbccddeeff\"", "\"id\": 7")]
    public void What_makes_no_sense_is_refused(string sense, string nonsense)
    {
        Assert.That(Text, Does.Contain(sense));
        Refused(Text.Replace(sense, nonsense, StringComparison.Ordinal));
    }

    [TestCase("sessionId")]
    [TestCase("url")]
    [TestCase("bytesAcknowledged")]
    [TestCase("bytesTotal")]
    [TestCase("length")]
    [TestCase("version")]
    [TestCase("upload")]
    public void What_has_to_be_there_is_missed(string property) =>
        Refused(Text.Replace($"\"{property}\"", $"\"not-{property}\"", StringComparison.Ordinal));

    [Test]
    public void A_byte_that_changed_is_a_state_that_makes_sense_or_is_refused()
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
                    Assert.That(CheckpointJson.Read(changed, "The text").FindFault(), Is.Null);
                }
                catch (InvalidDataException)
                {
                    // Refused, and nothing else was thrown.
                }
            }
        }
    }

    // The build then looks for reflection, and fails where there is some.
    [Test]
    public void The_library_is_one_that_can_be_trimmed() => Assert.That(
        typeof(BitsUploadCheckpoint).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Select(fact => $"{fact.Key}={fact.Value}"), Does.Contain("IsTrimmable=True"));

    private static void Refused(string json) => Assert.That(
        () => BitsUploadCheckpoint.FromJson(json),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("The text holds no saved upload, or is damaged: ").And.Message.EndsWith(". It was left as it is.").And.Message.Not.Contains("..").And.Message.Length.LessThan(1000));
}
