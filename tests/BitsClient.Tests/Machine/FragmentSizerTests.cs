using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>The size of the next fragment.</summary>
public sealed class FragmentSizerTests
{
    private const int MiB = 1024 * 1024;

    private static readonly MachineOptions Defaults = MachineOptions.From(new BitsUploadOptions());
    private static readonly FragmentSizing Sizing = new() { Size = 1000 };
    private static readonly MachineOptions Options = MachineOptions.From(new BitsUploadOptions
    {
        MinFragmentSize = 100,
        InitialFragmentSize = 1000,
        MaxFragmentSize = 8000,
        TargetFragmentDuration = TimeSpan.FromSeconds(10),
    });

    [TestCase(10, 1000, Description = "as long as wanted")]
    [TestCase(8, 1250)]
    [TestCase(16, 625)]
    [TestCase(2, 5000, Description = "as large as fits at once")]
    [TestCase(1, 8000, Description = "never more than allowed")]
    [TestCase(0, 8000)]
    [TestCase(50, 200)]
    [TestCase(1000, 100, Description = "never less than allowed")]
    public void The_size_aims_at_TargetFragmentDuration(int seconds, int size) =>
        Assert.That(After(Sizing, seconds).Size, Is.EqualTo(size));

    [Test]
    public void It_stays_within_its_limits()
    {
        Assert.That(After(Sizing with { Size = 8000 }, 1).Size, Is.EqualTo(8000));
        Assert.That(After(Sizing with { Size = 100 }, 100).Size, Is.EqualTo(100));
        Assert.That(After(Sizing with { Limit = 1500 }, 1).Size, Is.EqualTo(1500));
    }

    [Test]
    public void With_a_known_limit_it_grows_from_what_was_accepted_and_no_more_than_twice()
    {
        FragmentSizing refused = FragmentSizer.Refused(Sizing with { LargestAccepted = 500 }, Options, Fragment(8000));
        Assert.That((refused.Size, refused.Limit), Is.EqualTo((500, 4000)));
        FragmentSizing grown = After(refused, 0);
        Assert.That(grown.Size, Is.EqualTo(1000));
        Assert.That(After(grown, 0).Size, Is.EqualTo(2000));
        FragmentSizing again = FragmentSizer.Refused(grown, Options, Fragment(1000));
        Assert.That((again.Size, again.Limit), Is.EqualTo((500, 500)), "the search is over");
    }

    [Test]
    public void What_was_accepted_before_and_is_refused_now_is_halved()
    {
        FragmentSizing refused = FragmentSizer.Refused(Sizing with { LargestAccepted = 1000 }, Options, Fragment(1000));
        Assert.That((refused.Size, refused.Limit, refused.LargestAccepted), Is.EqualTo((500, 500, 0L)));
        Assert.That(FragmentSizer.Refused(Sizing with { LargestAccepted = 4000 }, Options, Fragment(1000)).Size, Is.EqualTo(500));
    }

    [Test]
    public void A_limit_is_never_below_what_was_accepted()
    {
        FragmentSizing refused = FragmentSizer.Refused(Sizing with { LargestAccepted = 700 }, Options, Fragment(1000));
        Assert.That((refused.Size, refused.Limit), Is.EqualTo((700, 700)));
    }

    [Test]
    public void The_time_of_a_request_that_does_not_depend_on_its_size_does_not_make_fragments_smaller()
    {
        FragmentSizing first = FragmentSizer.Accepted(Sizing, Options, Fragment(1000), TimeSpan.FromSeconds(12), TimeSpan.Zero);
        Assert.That(first.Size, Is.EqualTo(2000));
        Assert.That(
            FragmentSizer.Accepted(first, Options, Fragment(2000), TimeSpan.FromSeconds(12.001), TimeSpan.Zero).Size, Is.EqualTo(8000));
    }

    [Test]
    public void By_default_no_fragment_is_smaller_than_those_of_Windows_or_larger_than_IIS_accepts_unless_it_is_asked()
    {
        Assert.That(Defaults.MinFragmentSize, Is.EqualTo(5 * 1024));
        FragmentSizing largest = After(Sizing with { Size = MiB }, 0, Defaults);
        Assert.That(largest.Size, Is.EqualTo(1024 * MiB), "in one step, before which it is asked");
        FragmentSizing usual = After(WithoutQuestions(Sizing) with { Size = MiB }, 0, Defaults);
        Assert.That(usual.Size, Is.EqualTo(28 * MiB).And.LessThan(30_000_000), "asking is of no use");
        FragmentSizing unasked = After(Sizing with { Size = MiB }, 0, Defaults with { CanAskFirst = false });
        Assert.That(unasked.Size, Is.EqualTo(28 * MiB), "asking is not possible");
        Assert.That(After(Sizing with { Size = MiB }, 0, Defaults with { MaxFragmentSize = 40 * MiB }).Size, Is.EqualTo(40 * MiB));
    }

    [TestCase(0, null, 1024, false, Description = "the first fragment of all")]
    [TestCase(1024, null, 2048, false, Description = "one step")]
    [TestCase(1024, null, 2049, true, Description = "a jump")]
    [TestCase(2048, null, 2048, false, Description = "accepted before")]
    [TestCase(1024, 2000, 1500, true, Description = "a limit is known")]
    [TestCase(28 * 1024, null, 28 * 1024 + 1, true, Description = "more than most servers accept")]
    [TestCase(64, 200, 128, false, Description = "a body so short is not worth a round trip")]
    public void The_server_is_asked_first_if_a_fragment_may_be_too_large(int acceptedKiB, int? limitKiB, int lengthKiB, bool asks)
    {
        FragmentSizing sizing = Sizing with { LargestAccepted = acceptedKiB * 1024L, Limit = limitKiB * 1024 };
        Assert.That(FragmentSizer.AsksFirst(sizing, Defaults, lengthKiB * 1024L), Is.EqualTo(asks));
        Assert.That(FragmentSizer.AsksFirst(WithoutQuestions(sizing), Defaults, lengthKiB * 1024L), Is.False);
        Assert.That(FragmentSizer.AsksFirst(sizing, Defaults with { CanAskFirst = false }, lengthKiB * 1024L), Is.False);
    }

    [TestCase(900, 10, true, 1, Description = "the handler did not wait any longer")]
    [TestCase(899, 10, true, 0)]
    [TestCase(900, 10, false, 0, Description = "it waited for a connection")]
    [TestCase(900, 0, true, 0, Description = "it was refused")]
    [TestCase(1501, 10, true, 0, Description = "it waited for a connection as well")]
    public void A_question_without_an_answer_in_time_is_useless(int wait, int bytes, bool asks, int useless)
    {
        SentContent sent = new(bytes, bytes, Wait: TimeSpan.FromMilliseconds(wait));
        FragmentSizing after = FragmentSizer.Sent(Sizing, Fragment(10) with { AsksFirst = asks }, sent);
        Assert.That((after.Questions.Useless, after.Questions.MayAsk), Is.EqualTo((useless, true)));
        Assert.That(FragmentSizer.Sent(after, Fragment(10) with { AsksFirst = asks }, sent).Questions.MayAsk, Is.EqualTo(useless == 0));
    }

    [Test]
    public void A_refusal_of_what_was_asked_for_and_a_broken_connection_make_a_question_useless()
    {
        BitsPacket.Fragment asked = Fragment(1000) with { AsksFirst = true };
        Assert.That(FragmentSizer.Refused(Sizing, Options, asked, wasSent: true).Questions.Useless, Is.EqualTo(1));
        Assert.That(FragmentSizer.Refused(Sizing, Options, asked, wasSent: false).Questions.Useless, Is.Zero);
        Assert.That(FragmentSizer.Refused(Sizing, Options, Fragment(1000), wasSent: true).Questions.Useless, Is.Zero);
        Assert.That(FragmentSizer.NotAnswered(Sizing, Options).Questions.Useless, Is.EqualTo(1));
    }

    [Test]
    public void A_question_that_took_too_long_and_the_refusal_after_it_are_one_sign()
    {
        BitsPacket.Fragment asked = Fragment(1000) with { AsksFirst = true };
        SentContent sent = new(1000, 1000, Wait: TimeSpan.FromSeconds(1));
        FragmentSizing refused = FragmentSizer.Refused(FragmentSizer.Sent(Sizing, asked, sent), Options, asked, wasSent: true);
        Assert.That(refused.Questions.Useless, Is.EqualTo(1));
        FragmentSizing again = FragmentSizer.Sent(refused, asked, new SentContent(1000, 1000));
        Assert.That(FragmentSizer.Refused(again, Options, asked, wasSent: true).Questions.Useless, Is.EqualTo(2));
    }

    [TestCase(1, 500, true, 28, Description = "what most servers accept was skipped")]
    [TestCase(1, 500, false, 28)]
    [TestCase(28, 500, true, 28)]
    [TestCase(1, 28, true, 1)]
    [TestCase(50, 500, true, 50)]
    public void A_refusal_leads_to_what_was_accepted_or_to_what_most_servers_accept(int accepted, int length, bool asks, int size)
    {
        BitsPacket.Fragment fragment = Fragment(length * MiB) with { AsksFirst = asks };
        FragmentSizing sizing = Sizing with { LargestAccepted = accepted * MiB };
        Assert.That(FragmentSizer.Refused(sizing, Defaults, fragment, wasSent: !asks).Size, Is.EqualTo(size * MiB));
    }

    [Test]
    public void A_small_size_is_not_the_next_after_a_question()
    {
        BitsPacket.Fragment fragment = Fragment(10 * MiB) with { AsksFirst = true };
        FragmentSizing sizing = Sizing with { LargestAccepted = 96 * 1024 };
        Assert.That(FragmentSizer.Refused(sizing, Defaults, fragment, wasSent: false).Size, Is.EqualTo(128 * 1024));
    }

    [Test]
    public void A_jump_that_failed_leads_back_to_what_was_accepted()
    {
        FragmentSizing sizing = Sizing with { Size = 4000, LargestAccepted = 1000 };
        Assert.That(FragmentSizer.Failed(sizing, Options, Fragment(4000), new BitsUploadException("lost")).Size, Is.EqualTo(1000));
        FragmentSizing accepted = sizing with { LargestAccepted = 4000 };
        Assert.That(FragmentSizer.Failed(accepted, Options, Fragment(4000), new BitsUploadException("lost")).Size, Is.EqualTo(2000));
    }

    [Test]
    public void Where_asking_is_of_no_use_a_limit_does_not_lead_beyond_the_usual_maximum()
    {
        FragmentSizing refused = FragmentSizer.Refused(
            WithoutQuestions(Sizing) with { LargestAccepted = 28 * MiB }, Defaults, Fragment(448 * MiB) with { AsksFirst = true });
        Assert.That(refused.Limit, Is.EqualTo(28 * MiB));
        Assert.That(After(refused, 0, Defaults).Size, Is.EqualTo(28 * MiB));
    }

    [Test]
    public void What_the_host_accepted_from_another_upload_is_not_asked_until_something_speaks_against_it()
    {
        FragmentSizing known = Sizing with { Size = 100 * MiB, AcceptedByHost = 100 * MiB };
        BitsPacket.Fragment fragment = Fragment(100 * MiB);
        Assert.That(FragmentSizer.AsksFirst(known, Defaults, fragment.Length), Is.False);
        Assert.That(FragmentSizer.Refused(known, Defaults, fragment).AcceptedByHost, Is.Zero);
        Assert.That(FragmentSizer.Failed(known, Defaults, fragment, new BitsUploadException("lost")).AcceptedByHost, Is.Zero);
    }

    [Test]
    public void After_a_broken_connection_the_time_is_measured_anew()
    {
        FragmentSizing measured = After(Sizing, 5);
        Assert.That(measured.Timing.IsMeasured);
        Assert.That(FragmentSizer.Failed(measured, Options, Fragment(1000), new BitsUploadException("lost")).Timing.IsMeasured, Is.False);
    }

    [Test]
    public void A_probe_or_the_rest_of_a_file_changes_nothing() =>
        Assert.That(FragmentSizer.Accepted(Sizing, Options, Fragment(100), TimeSpan.Zero).Size, Is.EqualTo(1000));

    [Test]
    public void A_learned_limit_is_tried_again_after_256_acks_and_then_twice_as_many()
    {
        FragmentSizing sizing = Sizing with { Size = 1000, Limit = 1000 };
        for (int ack = 1; ack < 256; ack++)
        {
            sizing = After(sizing, 1);
            Assert.That(sizing.Size, Is.EqualTo(1000), $"after {ack} acks");
        }

        sizing = After(sizing, 1);
        Assert.That(sizing.Size, Is.EqualTo(2000));
        sizing = FragmentSizer.Refused(sizing, Options, Fragment(2000));
        Assert.That((sizing.Size, sizing.Limit), Is.EqualTo((1000, 1000)), "still too large");
        for (int ack = 1; ack < 512; ack++)
        {
            sizing = After(sizing, 1);
            Assert.That(sizing.Size, Is.EqualTo(1000), $"after {ack} more acks");
        }

        Assert.That(After(sizing, 1).Size, Is.EqualTo(2000), "the wait has doubled");
    }

    [TestCase(1000, 500, 0, Description = "the size that failed was accepted")]
    [TestCase(600, 500, 1, Description = "a fragment below that size says nothing about it")]
    [TestCase(1000, 1000, 1, Description = "fragments of that size had been accepted before")]
    [TestCase(1200, 1000, 0)]
    public void Errors_of_a_proxy_are_forgotten_once_a_fragment_of_the_size_that_failed_is_accepted(
        int length, int largestAccepted, int errors)
    {
        FragmentSizing sizing = Sizing with { LargestAccepted = largestAccepted, ErrorsAbove = 1 };
        Assert.That(
            FragmentSizer.Accepted(sizing, Options, Fragment(length), TimeSpan.FromSeconds(1)).ErrorsAbove, Is.EqualTo(errors));
    }

    [TestCase(1000, HttpStatusCode.BadGateway, 1)]
    [TestCase(1000, HttpStatusCode.InternalServerError, 1)]
    [TestCase(1000, HttpStatusCode.ServiceUnavailable, 0, Description = "it is not about the size")]
    [TestCase(900, HttpStatusCode.BadGateway, 0, Description = "a fragment of that size was accepted before")]
    public void Only_an_error_of_a_proxy_for_a_fragment_larger_than_any_before_counts_against_its_size(
        int length, HttpStatusCode status, int errors)
    {
        FragmentSizing sizing = Sizing with { LargestAccepted = 900 };
        BitsServerException failed = new("failed", status);
        Assert.That(FragmentSizer.Failed(sizing, Options, Fragment(length), failed), Is.EqualTo(sizing with { ErrorsAbove = errors }));
    }

    [TestCase(20, 100, true, Description = "a part of several")]
    [TestCase(20, 20, false, Description = "the rest of the file: the application may take its time for it")]
    [TestCase(13, 100, false, Description = "as small as after a failure")]
    public void A_fragment_shorter_than_the_size_is_measured_only_if_it_is_long_and_not_the_last(int length, int total, bool isMeasured)
    {
        BitsPacket.Fragment fragment = new("id", null, 0, length * (long)MiB, total * (long)MiB);
        FragmentSizing sizing = new() { Size = 50 * MiB };
        FragmentSizing accepted = FragmentSizer.Accepted(sizing, Defaults, fragment, TimeSpan.FromSeconds(60));
        Assert.That(accepted.Timing.IsMeasured, Is.EqualTo(isMeasured));
    }

    [Test]
    public void A_fragment_that_took_no_time_has_no_rate()
    {
        Assert.That(After(Sizing, 0).BytesPerSecond, Is.Null);
        Assert.That(After(Sizing, 10).BytesPerSecond, Is.EqualTo(100));
    }

    private static FragmentSizing WithoutQuestions(FragmentSizing sizing) => sizing with { Questions = sizing.Questions.Off };

    private static FragmentSizing After(FragmentSizing sizing, int seconds, MachineOptions? options = null) =>
        FragmentSizer.Accepted(sizing, options ?? Options, Fragment(sizing.Size), TimeSpan.FromSeconds(seconds));

    private static BitsPacket.Fragment Fragment(int length) => new("id", null, 0, length, 1_000_000);
}
