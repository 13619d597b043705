using BitsClient.Errors;
using BitsClient.Tests.Persistence;

namespace BitsClient.Tests.Errors;

/// <summary>Each error of a checkpoint says which part of it is wrong.</summary>
public sealed class CheckpointErrorsTests
{
    private static readonly BitsUploadCheckpoint Good = States.Full with { NeedsNewSession = false, BytesSentAtMost = null };

    private static IEnumerable<TestCaseData> Bad()
    {
        yield return Case("no URL", Good with { Url = null! }, "no URL");
        yield return Case("a URL of another scheme", Good with { Url = new Uri("ftp://bits.test/f") }, "ftp");
        yield return Case("no session id", Good with { SessionId = "" }, "session id");
        yield return Case("no bytes", Good with { BytesTotal = 0 }, "byte counts");
        yield return Case("more bytes than there are", Good with { BytesAcknowledged = Good.BytesTotal + 1 }, "byte counts");
        yield return Case("another length", Good with { Source = Good.Source! with { Length = 1 } }, "length", "source");
        yield return Case("a negative prefix", Good with { Source = Good.Source! with { PrefixLength = -1 } }, "length", "source");
        yield return Case("a reply without a URL", Good with { BytesAcknowledged = Good.BytesTotal, ReplyUrl = null }, "URL", "reply");
        yield return Case("a relative reply URL", Good with { ReplyUrl = new Uri("1", UriKind.Relative) }, "reply URL", "relative");
        yield return Case("an unexpected reply URL", Good with { ExpectsReply = false }, "reply URL", "expected");
        yield return Case("a host id with a path", Good with { HostId = "http://elsewhere/" }, "host id");
        yield return Case("a limit of zero", Good with { FragmentSizeLimit = 0 }, "fragment sizes", "less than 1");
        yield return Case("no fragment accepted", Good with { LargestFragmentAccepted = 0 }, "fragment sizes", "less than 1");
        yield return Case("a negative fallback time", Good with { HostIdFallback = TimeSpan.FromTicks(-1) }, "time", "host", "negative");

        static TestCaseData Case(string name, BitsUploadCheckpoint checkpoint, params string[] words) =>
            new TestCaseData(checkpoint, words).SetArgDisplayNames(name);
    }

    private static IEnumerable<TestCaseData> Valid()
    {
        yield return Case("all facts", Good);
        yield return Case("only the required facts", States.Least);
        yield return Case("no fallback time", Good with { HostIdFallback = null });
        yield return Case("a fallback time of zero", Good with { HostIdFallback = TimeSpan.Zero });
        yield return Case("no reply URL before all bytes are acknowledged", Good with { ReplyUrl = null });
        yield return Case(
            "no reply URL before another session is created",
            Good with { BytesAcknowledged = Good.BytesTotal, ReplyUrl = null, NeedsNewSession = true });
        yield return Case("a prefix of the whole source", Good with { Source = Good.Source! with { PrefixLength = Good.BytesTotal } });

        static TestCaseData Case(string name, BitsUploadCheckpoint checkpoint) => new TestCaseData(checkpoint).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Bad))]
    public void The_error_names_what_is_wrong(BitsUploadCheckpoint checkpoint, string[] words)
    {
        string? error = CheckpointErrors.Find(checkpoint);
        foreach (string word in words)
        {
            Assert.That(error, Does.Contain(word));
        }
    }

    [TestCaseSource(nameof(Valid))]
    public void A_valid_checkpoint_has_no_error(BitsUploadCheckpoint checkpoint) => Assert.That(CheckpointErrors.Find(checkpoint), Is.Null);
}
