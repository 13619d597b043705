using System.Net;
using BitsClient.Machine;
using BitsClient.Protocol;

namespace BitsClient.Tests.Machine;

/// <summary>The size of the next fragment.</summary>
public sealed class FragmentSizerTests
{
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
    public void By_default_no_fragment_is_smaller_than_those_of_Windows_or_larger_than_IIS_accepts()
    {
        BitsUploadOptions defaults = new();
        Assert.That((defaults.MinFragmentSize, defaults.MaxFragmentSize < 30_000_000), Is.EqualTo((5 * 1024, true)));
    }

    [Test]
    public void A_probe_or_the_rest_of_a_file_changes_nothing() =>
        Assert.That(FragmentSizer.Accepted(Sizing, Options, Fragment(100), TimeSpan.Zero).Size, Is.EqualTo(1000));

    [Test]
    public void A_learned_limit_is_tried_again_after_128_acks_and_then_twice_as_many()
    {
        FragmentSizing sizing = Sizing with { Size = 1000, Limit = 1000 };
        for (int ack = 1; ack < 128; ack++)
        {
            sizing = After(sizing, 1);
            Assert.That(sizing.Size, Is.EqualTo(1000), $"after {ack} acks");
        }

        sizing = After(sizing, 1);
        Assert.That(sizing.Size, Is.EqualTo(2000));
        sizing = FragmentSizer.Refused(sizing, Options, Fragment(2000));
        Assert.That((sizing.Size, sizing.Limit), Is.EqualTo((1000, 1000)), "still too large");
        for (int ack = 1; ack < 256; ack++)
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

    [Test]
    public void A_fragment_that_took_no_time_has_no_rate()
    {
        Assert.That(After(Sizing, 0).BytesPerSecond, Is.Null);
        Assert.That(After(Sizing, 10).BytesPerSecond, Is.EqualTo(100));
    }

    private static FragmentSizing After(FragmentSizing sizing, int seconds) =>
        FragmentSizer.Accepted(sizing, Options, Fragment(sizing.Size), TimeSpan.FromSeconds(seconds));

    private static BitsPacket.Fragment Fragment(int length) => new("id", null, 0, length, 1_000_000);
}
